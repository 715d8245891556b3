#[authsafe::routes(rate_limit(signup = "20/minute"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
