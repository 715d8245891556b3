#[authsafe::routes(session(max_age = "8"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
