#[authsafe::routes(client_id = env("CLIENT-ID"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
