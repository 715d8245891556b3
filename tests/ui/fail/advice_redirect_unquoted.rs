#[authsafe::routes(unauthenticated = redirect)]
mod auth {}

fn main() {}
