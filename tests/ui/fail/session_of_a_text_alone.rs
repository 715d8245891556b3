#[authsafe::routes(session("12h"))]
mod auth {}

fn main() {}
