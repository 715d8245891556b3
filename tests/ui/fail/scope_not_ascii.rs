#[authsafe::routes(scopes("openid", "café"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
