#[authsafe::routes(cookies(name = "__Host-me", domain = "example.com"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
