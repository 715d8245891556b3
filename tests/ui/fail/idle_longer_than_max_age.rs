#[authsafe::routes(session(max_age = "1h", idle = "2h"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
