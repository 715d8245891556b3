#[authsafe::routes(provider = "google", tenants = any)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
