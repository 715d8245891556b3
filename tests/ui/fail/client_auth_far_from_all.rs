#[authsafe::routes(client_auth = "private_key_jwt")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
