#[authsafe::require(any(role("a"), not(role("a"))))]
async fn handler() {}

fn main() {}
