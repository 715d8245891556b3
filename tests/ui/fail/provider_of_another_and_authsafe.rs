#[authsafe::routes(provider = "okta", endpoints(authsafe))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
