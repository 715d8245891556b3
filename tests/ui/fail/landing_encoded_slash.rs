#[authsafe::routes(landing(_ => "/%2fevil.example.com"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
