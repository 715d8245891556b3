#[authsafe::routes("openid", "email")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
