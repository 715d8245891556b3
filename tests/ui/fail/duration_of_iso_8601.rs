#[authsafe::routes(session(max_age = "PT12H"))]
mod auth {}

fn main() {}
