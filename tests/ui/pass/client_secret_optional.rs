#[authsafe::routes(client_secret = env("CLIENT_SECRET", default = none))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
