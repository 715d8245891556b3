#[authsafe::routes(authorize(state = "x"))]
mod auth {}

fn main() {}
