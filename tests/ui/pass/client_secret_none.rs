#[authsafe::routes(client_secret = none)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
