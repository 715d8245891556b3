#[authsafe::routes(scopes = env("SCOPES"))]
mod auth {}

fn main() {}
