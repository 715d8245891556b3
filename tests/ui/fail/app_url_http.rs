#[authsafe::routes(app_url = "http://app.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
