#[authsafe::routes(provider = "okta", session(auto_refresh))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
