#[authsafe::routes(app_url = "https://app.example.com#top")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
