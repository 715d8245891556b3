#[authsafe::require(any(role("owner"), recent("0m")))]
async fn handler() {}

fn main() {}
