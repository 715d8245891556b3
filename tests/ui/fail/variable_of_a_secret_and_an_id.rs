#[authsafe::routes(
    client_id = env("AUTHSAFE_CLIENT_SECRET"),
)]
mod auth {}

fn main() {}
