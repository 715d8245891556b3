#[authsafe::require_recent(max_age = "5")]
async fn handler() {}

fn main() {}
