#[authsafe::require(all(recent("5m"), not(recent("10m"))))]
async fn handler() {}

fn main() {}
