#[authsafe::routes(session(max_age = "0s"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
