#[authsafe::routes(
    cookie_secret = env("AUTHSAFE_CLIENT_SECRET"),
)]
mod auth {}

fn main() {}
