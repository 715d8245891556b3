#[authsafe::routes(rate_limit(signin = 20))]
mod auth {}

fn main() {}
