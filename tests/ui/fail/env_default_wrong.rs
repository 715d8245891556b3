#[authsafe::routes(app_url = env("APP_URL", default = "ftp://example.com"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
