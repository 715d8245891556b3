#[authsafe::routes(rate_limit(signin = "30/min"))]
mod auth {}

fn main() {}
