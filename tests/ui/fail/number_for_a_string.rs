#[authsafe::routes(client_id = 42)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
