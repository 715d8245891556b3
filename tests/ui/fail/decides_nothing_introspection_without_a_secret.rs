#[authsafe::routes(
    client_secret = none,
    bearer(audience = "https://api.example.com"),
    endpoints(introspection = "https://id.example.com/introspect"),
)]
mod auth {}

fn main() {}
