#[authsafe::routes(scopes("openid", "read documents"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
