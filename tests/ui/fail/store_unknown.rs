#[authsafe::routes(session(store = "postgres"))]
pub mod auth {}

fn main() {}
