#[authsafe::routes(paths(session = "refresh"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
