#[authsafe::routes(domain = "http://id.example.com")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
