#[authsafe::require(recent("5"))]
async fn handler() {}

fn main() {}
