#[authsafe::routes(session(max_age = 8h))]
mod auth {}

fn main() {}
