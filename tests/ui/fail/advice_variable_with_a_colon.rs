#[authsafe::routes(client_id = env("CLIENT_ID", default: "abc"))]
mod auth {}

fn main() {}
