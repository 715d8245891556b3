#[authsafe::routes(
    tenants("11111111-2222-3333-4444-555555555555"),
    endpoints(
        authorization = "https://id.example.com/authorize",
        token = "https://id.example.com/token",
        jwks = "https://id.example.com/keys",
    ),
)]
mod auth {}

fn main() {}
