#[authsafe::routes(paths(session("session")))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
