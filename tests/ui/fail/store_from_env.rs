#[authsafe::routes(session(store = env("SESSION_STORE")))]
pub mod auth {}

fn main() {}
