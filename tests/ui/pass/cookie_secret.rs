#[authsafe::routes(cookie_secret = env("COOKIE_SECRET"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
