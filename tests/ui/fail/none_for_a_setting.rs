#[authsafe::routes(client_id = none)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
