#[authsafe::routes(cookies(domain = "example.com:8080"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
