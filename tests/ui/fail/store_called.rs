#[authsafe::routes(session(store = sessions()))]
pub mod auth {}

fn main() {}
