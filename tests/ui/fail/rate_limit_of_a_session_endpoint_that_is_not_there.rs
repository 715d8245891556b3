#[authsafe::routes(rate_limit(session = "60/minute"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
