#[authsafe::require_auth(unauthenticated = "401")]
async fn handler() {}

fn main() {}
