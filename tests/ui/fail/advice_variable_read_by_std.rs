#[authsafe::routes(client_id = std::env::var("CLIENT_ID").unwrap())]
mod auth {}

fn main() {}
