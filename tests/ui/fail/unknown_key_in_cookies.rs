#[authsafe::routes(cookies(samesite = "lax"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
