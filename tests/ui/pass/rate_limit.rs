#[authsafe::routes(rate_limit(signin = "20/minute", refresh = "5/second"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
