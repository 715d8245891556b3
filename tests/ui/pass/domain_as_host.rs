#[authsafe::routes(domain = "id.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
