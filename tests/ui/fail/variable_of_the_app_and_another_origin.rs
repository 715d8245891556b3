#[authsafe::routes(
    cross_origin = allow(env("APP_URL")),
)]
mod auth {}

fn main() {}
