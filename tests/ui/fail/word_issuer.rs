#[authsafe::routes(issuer = "https://identities.example.com")]
mod auth {}

fn main() {}
