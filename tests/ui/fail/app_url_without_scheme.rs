#[authsafe::routes(app_url = "app.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
