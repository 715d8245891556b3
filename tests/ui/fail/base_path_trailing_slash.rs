#[authsafe::routes(base_path = "/api/auth/")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
