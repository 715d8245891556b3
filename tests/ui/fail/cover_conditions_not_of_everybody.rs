#[authsafe::require(not(any(recent("1h"), not(recent("5m")))))]
async fn handler() {}

fn main() {}
