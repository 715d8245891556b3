#[authsafe::routes(cookie_secret = secret)]
mod auth {}

fn secret(name: &str) -> authsafe::SecretString {
    name.into()
}

fn main() {}
