#[authsafe::routes(client_secret = SecretString::from("abc"))]
mod auth {}

fn main() {}
