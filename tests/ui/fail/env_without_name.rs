#[authsafe::routes(client_id = env())]
mod auth {}

fn main() {
    drop(auth::from_env());
}
