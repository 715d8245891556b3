#[authsafe::routes(endpoints(authsafe = "https://login.example.com"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
