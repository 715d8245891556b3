#[authsafe::routes(redirectUri = "https://app.example.com/api/auth/callback")]
mod auth {}

fn main() {}
