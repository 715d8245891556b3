#[authsafe::routes(bearer)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
