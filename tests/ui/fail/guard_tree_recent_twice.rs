#[authsafe::require(all(recent("5m"), role("owner"), recent("300s")))]
async fn handler() {}

fn main() {}
