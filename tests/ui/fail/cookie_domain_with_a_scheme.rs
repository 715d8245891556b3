#[authsafe::routes(cookies(domain = "https://example.com"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
