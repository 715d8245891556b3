#[authsafe::routes(
    domain = "https://id.example.com/.well-known/oauth-authorization-server/tenant",
)]
mod auth {}

fn main() {}
