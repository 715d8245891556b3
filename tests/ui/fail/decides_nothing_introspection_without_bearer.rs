#[authsafe::routes(
    endpoints(introspection = "https://id.example.com/introspect"),
)]
mod auth {}

fn main() {}
