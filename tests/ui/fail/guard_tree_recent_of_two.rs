#[authsafe::require(recent("5m", "10m"))]
async fn handler() {}

fn main() {}
