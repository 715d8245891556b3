#[authsafe::routes(base_path = "/api\n/auth")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
