#[authsafe::routes(client_id = ID)]
mod auth {}

const ID: u8 = 1;

fn main() {
    drop(auth::from_env());
}
