#[authsafe::routes(rate_limit(login = 5))]
mod auth {}

fn main() {}
