#[authsafe::routes(scopes = ["openid", "email"])]
mod auth {}

fn main() {
    drop(auth::from_env());
}
