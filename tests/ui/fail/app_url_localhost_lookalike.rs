#[authsafe::routes(app_url = "http://localhost.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
