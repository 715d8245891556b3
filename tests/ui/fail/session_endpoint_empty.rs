#[authsafe::routes(paths(session = ""))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
