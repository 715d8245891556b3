#[authsafe::routes(cookies(name = ""))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
