#[authsafe::routes(rate_limit(signin = "30 per minute"))]
mod auth {}

fn main() {}
