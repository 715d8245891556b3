#[authsafe::routes(audience = "https://api.example.com")]
mod auth {}

fn main() {}
