#[authsafe::routes(provider = "apple", userinfo = "always")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
