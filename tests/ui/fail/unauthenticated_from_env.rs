#[authsafe::routes(unauthenticated = env("UNAUTHENTICATED"))]
mod auth {}

fn main() {}
