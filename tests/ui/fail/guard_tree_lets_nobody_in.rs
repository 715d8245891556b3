#[authsafe::require(all(role("a"), not(any(role("a"), role("b")))))]
async fn handler() {}

fn main() {}
