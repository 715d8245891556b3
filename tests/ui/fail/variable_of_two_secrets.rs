#[authsafe::routes(
    client_secret = env("SECRET"),
    cookie_secret = env("SECRET"),
)]
mod auth {}

fn main() {}
