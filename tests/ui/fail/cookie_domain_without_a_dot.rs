#[authsafe::routes(cookies(domain = "localhost"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
