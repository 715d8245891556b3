#[authsafe::routes(landing(_ => "/\\evil.example.com"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
