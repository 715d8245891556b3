#[authsafe::routes(
    cookies(domain = env("APP_URL")),
)]
mod auth {}

fn main() {}
