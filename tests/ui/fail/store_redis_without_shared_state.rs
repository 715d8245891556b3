#[authsafe::routes(session(store = "redis"))]
pub mod auth {}

fn main() {}
