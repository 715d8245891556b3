#[authsafe::routes(provider = "Keycloak")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
