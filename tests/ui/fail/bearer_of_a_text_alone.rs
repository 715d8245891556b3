#[authsafe::routes(bearer("https://orders.example.com"))]
mod auth {}

fn main() {}
