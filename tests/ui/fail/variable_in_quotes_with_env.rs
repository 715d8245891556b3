#[authsafe::routes(
    client_id = "env(CLIENT_ID)",
)]
mod auth {}

fn main() {}
