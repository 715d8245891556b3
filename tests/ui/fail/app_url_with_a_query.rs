#[authsafe::routes(app_url = "https://app.example.com?x=1")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
