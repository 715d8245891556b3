#[authsafe::routes(algorithms(ES256))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
