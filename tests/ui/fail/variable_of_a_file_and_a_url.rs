#[authsafe::routes(
    ca_file = env("AUTHSAFE_DOMAIN"),
)]
mod auth {}

fn main() {}
