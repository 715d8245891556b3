#[authsafe::routes(cookies(name = "__Host-me", path = "/app"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
