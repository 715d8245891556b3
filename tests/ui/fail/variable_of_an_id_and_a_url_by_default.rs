#[authsafe::routes(
    client_id = env("APP_URL"),
)]
mod auth {}

fn main() {}
