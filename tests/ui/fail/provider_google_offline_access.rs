#[authsafe::routes(provider = "google", scopes("openid", "offline_access"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
