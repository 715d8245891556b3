#[authsafe::routes(client_id = env("CLIENT_ID", "abc"))]
mod auth {}

fn main() {}
