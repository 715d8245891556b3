#[authsafe::routes(
    endpoints(jwks = "https://id.example.com/.well-known/openid-configuration"),
)]
mod auth {}

fn main() {}
