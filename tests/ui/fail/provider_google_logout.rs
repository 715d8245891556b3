#[authsafe::routes(provider = "google", logout = "provider")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
