#[authsafe::routes(provider("keycloak", "okta"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
