#[authsafe::routes(base_path = "/api/*")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
