#[authsafe::routes(client_id = , domain = "id.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
