#[authsafe::routes(client_secret = "s3cr3t")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
