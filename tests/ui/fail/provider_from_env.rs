#[authsafe::routes(provider = env("PROVIDER"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
