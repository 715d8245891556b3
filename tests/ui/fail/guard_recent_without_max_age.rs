#[authsafe::require_recent]
async fn handler() {}

fn main() {}
