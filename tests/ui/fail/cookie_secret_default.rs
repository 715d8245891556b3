#[authsafe::routes(cookie_secret = env("COOKIE_SECRET", default = "s3cr3t"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
