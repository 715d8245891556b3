#[authsafe::routes(endpoints(jwks_uri = "https://id.example.com/jwks"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
