#[authsafe::routes(
    client_secret = env("AUTHSAFE_COOKIE_SECRET"),
    cookie_secret = env("AUTHSAFE_COOKIE_SECRET"),
    shared_state(redis = env("AUTHSAFE_CLIENT_SECRET")),
)]
mod auth {}

fn main() {}
