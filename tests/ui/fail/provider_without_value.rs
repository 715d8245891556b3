#[authsafe::routes(provider)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
