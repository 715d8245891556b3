#[authsafe::require_auth("admin")]
async fn handler() {}

fn main() {}
