#[authsafe::routes(
    paths(session = "session"),
    rate_limit(session = "60/minute"),
    session(max_age = "8h")
)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
