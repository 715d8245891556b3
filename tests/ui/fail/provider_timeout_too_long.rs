#[authsafe::routes(provider(timeout = "31s"))]
mod auth {}

fn main() {}
