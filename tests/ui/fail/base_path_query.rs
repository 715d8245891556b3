#[authsafe::routes(base_path = "/api/auth?x")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
