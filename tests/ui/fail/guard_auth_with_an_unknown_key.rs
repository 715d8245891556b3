#[authsafe::require_auth(route = crate::auth)]
async fn handler() {}

fn main() {}
