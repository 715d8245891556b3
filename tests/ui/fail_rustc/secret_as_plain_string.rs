#[authsafe::routes(client_secret = secret)]
mod auth {}

fn secret() -> String {
    String::new()
}

fn main() {
    drop(auth::from_env());
}
