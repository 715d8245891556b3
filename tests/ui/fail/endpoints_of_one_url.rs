#[authsafe::routes(
    endpoints(
        authorization = "https://id.example.com/oauth2",
        token = "https://id.example.com/oauth2",
    ),
)]
mod auth {}

fn main() {}
