#[authsafe::routes(cookies(path = "app"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
