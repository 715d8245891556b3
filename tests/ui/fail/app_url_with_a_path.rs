#[authsafe::routes(app_url = "https://app.example.com/shop")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
