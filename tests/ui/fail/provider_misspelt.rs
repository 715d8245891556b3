#[authsafe::routes(provider = "keyclock")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
