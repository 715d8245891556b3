#[authsafe::routes(domain = "https://id.example.com/tenant")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
