#[authsafe::routes(cookies(name = "a=b"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
