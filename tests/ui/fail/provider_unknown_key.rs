#[authsafe::routes(provider(timeot = "10s"))]
mod auth {}

fn main() {}
