#[authsafe::routes(
    client_secret = env("AUTHSAFE_COOKIE_SECRET", default = none),
)]
mod auth {}

fn main() {}
