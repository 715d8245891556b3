#[authsafe::routes(cookie_secret = env("COOKIE_SECRET", default = none))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
