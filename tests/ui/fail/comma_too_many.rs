#[authsafe::routes(client_id = "abc",, domain = "id.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
