#[authsafe::routes(base_path = "/auth")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
