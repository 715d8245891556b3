#[authsafe::routes(client_auth = "none")]
mod auth {}

fn main() {}
