#[authsafe::routes(
    domain = env("ISSUER", default = "https://id.example.com/realms/shop/.well-known/openid-configuration"),
)]
mod auth {}

fn main() {}
