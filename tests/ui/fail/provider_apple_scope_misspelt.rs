#[authsafe::routes(provider = "apple", scopes("openid", "names"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
