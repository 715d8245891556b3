#[authsafe::routes(session(max_age = "12 hours"))]
mod auth {}

fn main() {}
