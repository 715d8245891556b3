#[authsafe::routes(session(max_age = "9999d"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
