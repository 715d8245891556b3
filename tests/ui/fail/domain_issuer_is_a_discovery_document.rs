#[authsafe::routes(
    endpoints(issuer = "https://id.example.com/.well-known/openid-configuration"),
)]
mod auth {}

fn main() {}
