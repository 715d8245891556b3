#[authsafe::routes(session(secure))]
mod auth {}

fn main() {}
