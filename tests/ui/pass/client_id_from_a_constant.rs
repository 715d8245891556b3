#[authsafe::routes(client_id = CLIENT_ID)]
mod auth {}

const CLIENT_ID: &str = "abc";

fn main() {
    drop(auth::from_env());
}
