#[authsafe::require(policy = owner, routes = any)]
async fn handler() {}

fn main() {}
