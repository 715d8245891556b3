#[authsafe::routes(base_path = "/")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
