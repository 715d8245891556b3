#[authsafe::routes(
    bearer(audience = env("AUTHSAFE_CLIENT_SECRET")),
)]
mod auth {}

fn main() {}
