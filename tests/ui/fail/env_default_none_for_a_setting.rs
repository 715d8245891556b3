#[authsafe::routes(client_id = env("CLIENT_ID", default = none))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
