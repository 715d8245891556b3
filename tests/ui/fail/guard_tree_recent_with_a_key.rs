#[authsafe::require(recent(max_age = "5m"))]
async fn handler() {}

fn main() {}
