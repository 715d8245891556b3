#[authsafe::require(not(role("a"), role("b")))]
async fn handler() {}

fn main() {}
