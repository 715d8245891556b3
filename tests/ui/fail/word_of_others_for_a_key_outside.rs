#[authsafe::routes(session(issuer = "https://identities.example.com"))]
mod auth {}

fn main() {}
