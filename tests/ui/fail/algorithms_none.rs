#[authsafe::routes(algorithms("ES256", "none"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
