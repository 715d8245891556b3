#[authsafe::routes(session(max_age = 3600))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
