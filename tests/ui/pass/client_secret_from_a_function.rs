#[authsafe::routes(client_secret = secret)]
mod auth {}

fn secret() -> authsafe::SecretString {
    String::from("from a vault").into()
}

fn main() {
    drop(auth::from_env());
}
