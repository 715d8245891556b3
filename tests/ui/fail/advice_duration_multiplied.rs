#[authsafe::routes(session(max_age = 60 * 60 * 8))]
mod auth {}

fn main() {}
