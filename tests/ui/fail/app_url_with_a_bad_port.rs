#[authsafe::routes(app_url = "https://app.example.com:99999")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
