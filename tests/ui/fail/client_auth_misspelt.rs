#[authsafe::routes(client_auth = "bacis")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
