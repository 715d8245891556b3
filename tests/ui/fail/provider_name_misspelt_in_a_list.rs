#[authsafe::routes(provider("gitlap", timeout = "10s"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
