#[authsafe::routes(client_id)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
