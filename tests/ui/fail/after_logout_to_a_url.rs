#[authsafe::routes(after_logout = "https://evil.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
