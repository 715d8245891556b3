#[authsafe::require(recent(5m))]
async fn handler() {}

fn main() {}
