#[authsafe::routes(token_endpoint = "https://identities.example.com/token")]
mod auth {}

fn main() {}
