#[authsafe::routes(client_auth = env("CLIENT_AUTH"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
