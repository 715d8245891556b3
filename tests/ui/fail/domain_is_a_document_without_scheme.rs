#[authsafe::routes(
    domain = "id.example.com/.well-known/openid-configuration",
)]
mod auth {}

fn main() {}
