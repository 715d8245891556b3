#[authsafe::routes(provider(timeout = "10s", "keycloak"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
