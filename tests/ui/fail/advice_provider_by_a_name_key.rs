#[authsafe::routes(provider(name = "keycloak", timeout = "10s"))]
mod auth {}

fn main() {}
