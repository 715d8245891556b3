#[authsafe::require_recent("5m")]
async fn handler() {}

fn main() {}
