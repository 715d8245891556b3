#[authsafe::routes(provider = "ory")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
