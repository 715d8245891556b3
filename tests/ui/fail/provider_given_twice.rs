#[authsafe::routes(provider = "keycloak", provider(timeout = "10s"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
