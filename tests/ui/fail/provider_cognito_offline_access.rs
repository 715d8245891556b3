#[authsafe::routes(provider("cognito", timeout = "10s"), scopes("openid", "offline_access"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
