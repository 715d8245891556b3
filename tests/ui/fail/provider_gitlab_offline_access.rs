#[authsafe::routes(provider = "gitlab", scopes("openid", "offline_access"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
