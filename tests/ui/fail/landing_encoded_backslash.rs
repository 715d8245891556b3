#[authsafe::routes(landing(_ => "/%5Cevil.example.com"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
