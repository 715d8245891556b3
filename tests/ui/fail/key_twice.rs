#[authsafe::routes(client_id = "abc", client_id = "def")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
