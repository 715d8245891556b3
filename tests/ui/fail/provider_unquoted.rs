#[authsafe::routes(provider = keycloak)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
