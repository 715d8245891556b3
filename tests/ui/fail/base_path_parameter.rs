#[authsafe::routes(base_path = "/{tenant}/auth")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
