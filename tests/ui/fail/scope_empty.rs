#[authsafe::routes(scopes("openid", ""))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
