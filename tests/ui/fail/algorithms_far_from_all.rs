#[authsafe::routes(algorithms("RSA-OAEP"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
