#[authsafe::routes(scopes(openid, "admin"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
