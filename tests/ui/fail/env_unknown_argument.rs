#[authsafe::routes(client_id = env("CLIENT_ID", fallback = "abc"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
