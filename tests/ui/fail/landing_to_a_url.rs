#[authsafe::routes(landing(_ => "https://app.example.com/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
