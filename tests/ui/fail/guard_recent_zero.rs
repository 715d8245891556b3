#[authsafe::require_recent(max_age = "0s")]
async fn handler() {}

fn main() {}
