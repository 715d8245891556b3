#[authsafe::routes(provider(leeway = "11m"))]
mod auth {}

fn main() {}
