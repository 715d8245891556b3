#[authsafe::routes(
    endpoints(token = env("AUTHSAFE_DOMAIN")),
)]
mod auth {}

fn main() {}
