#[authsafe::routes(
    authorize(audience = env("AUTHSAFE_COOKIE_SECRET")),
)]
mod auth {}

fn main() {}
