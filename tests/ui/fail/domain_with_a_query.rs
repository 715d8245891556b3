#[authsafe::routes(domain = "https://id.example.com?tenant=1")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
