#[authsafe::routes(
    client_id = env("X"),
    client_secret = env("X"),
    cookie_secret = env("X"),
)]
mod auth {}

fn main() {}
