#[authsafe::routes(session(maxage = "8h"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
