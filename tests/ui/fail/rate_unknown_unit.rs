#[authsafe::routes(rate_limit(signin = "20/fortnight"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
