#[authsafe::routes(cookies(name = "my session"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
