#[authsafe::routes(session(store = none))]
pub mod auth {}

fn main() {}
