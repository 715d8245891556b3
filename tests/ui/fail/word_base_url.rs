#[authsafe::routes(base_url = "https://app.example.com")]
mod auth {}

fn main() {}
