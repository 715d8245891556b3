#[authsafe::routes(client_secret = env("SECRET").unwrap_or("abc"))]
mod auth {}

fn main() {}
