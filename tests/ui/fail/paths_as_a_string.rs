#[authsafe::routes(paths = "/auth")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
