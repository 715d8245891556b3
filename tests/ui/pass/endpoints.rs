#[authsafe::routes(endpoints(issuer = "https://id.example.com", token = env("TOKEN_URL"), jwks = "http://127.0.0.1:8080/jwks", authsafe))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
