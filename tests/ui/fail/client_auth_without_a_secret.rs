#[authsafe::routes(client_secret = none, client_auth = "basic")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
