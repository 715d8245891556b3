#[authsafe::routes(rate_limit(signin = "0/minute"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
