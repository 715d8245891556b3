#[authsafe::routes(
    domain = "https://id.example.com/.well-known/openid-configuration",
)]
mod auth {}

fn main() {}
