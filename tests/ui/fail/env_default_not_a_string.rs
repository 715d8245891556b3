#[authsafe::routes(client_id = env("CLIENT_ID", default = 42))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
