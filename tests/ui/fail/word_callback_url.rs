#[authsafe::routes(callback_url = "https://app.example.com/api/auth/callback")]
mod auth {}

fn main() {}
