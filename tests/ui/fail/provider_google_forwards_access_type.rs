#[authsafe::routes(provider = "google", forward("access_type"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
