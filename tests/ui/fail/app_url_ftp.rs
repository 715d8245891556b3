#[authsafe::routes(app_url = "ftp://app.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
