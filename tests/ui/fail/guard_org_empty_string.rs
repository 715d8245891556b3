#[authsafe::require_org("")]
async fn handler() {}

fn main() {}
