#[authsafe::routes(client_id = "abc")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
