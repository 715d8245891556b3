#[authsafe::routes(
    client_secret = none,
    bearer(audience = "https://api.example.com", opaque_without_audience),
)]
mod auth {}

fn main() {}
