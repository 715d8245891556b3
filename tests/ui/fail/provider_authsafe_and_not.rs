#[authsafe::routes(provider = "authsafe", endpoints(authsafe = false))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
