#[authsafe::routes(cookies(max_age = "8h"))]
mod auth {}

fn main() {}
