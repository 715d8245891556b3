#[authsafe::routes(paths(session = "/me"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
