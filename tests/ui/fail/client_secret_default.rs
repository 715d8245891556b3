#[authsafe::routes(client_secret = env("CLIENT_SECRET", default = "s3cr3t"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
