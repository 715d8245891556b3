#[authsafe::routes(scopes("openid", "admin", "admin"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
