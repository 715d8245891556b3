#[authsafe::routes(after_logout = "//evil.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
