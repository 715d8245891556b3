#[authsafe::routes(
    domain = env("AUTHSAFE_CLIENT_ID"),
)]
mod auth {}

fn main() {}
