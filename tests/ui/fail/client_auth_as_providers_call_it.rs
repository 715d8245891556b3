#[authsafe::routes(client_auth = "client_secret_basic")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
