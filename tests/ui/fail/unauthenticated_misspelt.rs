#[authsafe::routes(unauthenticated = "redirct")]
mod auth {}

fn main() {}
