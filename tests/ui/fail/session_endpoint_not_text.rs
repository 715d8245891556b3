#[authsafe::routes(paths(session = true))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
