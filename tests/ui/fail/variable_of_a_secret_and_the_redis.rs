#[authsafe::routes(
    cookie_secret = env("REDIS_URL"),
    shared_state(redis = env("REDIS_URL")),
)]
mod auth {}

fn main() {}
