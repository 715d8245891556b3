#[authsafe::routes(client_id = env("CLIENT_ID").unwrap_or("abc"))]
mod auth {}

fn main() {}
