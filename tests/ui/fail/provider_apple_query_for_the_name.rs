#[authsafe::routes(provider = "apple", response_mode = "query", scopes("openid", "name"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
