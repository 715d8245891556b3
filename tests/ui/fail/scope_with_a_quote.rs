#[authsafe::routes(scopes("openid", "say\"hi\""))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
