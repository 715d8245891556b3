#[authsafe::routes(bearer("https://api.example.com"))]
mod auth {}

fn main() {}
