#[authsafe::routes(provider(timeout = "10"))]
mod auth {}

fn main() {}
