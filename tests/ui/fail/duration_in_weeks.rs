#[authsafe::routes(session(max_age = "2 weeks"))]
mod auth {}

fn main() {}
