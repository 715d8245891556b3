#[authsafe::routes(unauthenticated = none)]
mod auth {}

fn main() {}
