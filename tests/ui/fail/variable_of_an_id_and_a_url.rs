#[authsafe::routes(
    client_id = env("CLIENT"),
    app_url = env("CLIENT"),
)]
mod auth {}

fn main() {}
