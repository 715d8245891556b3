#[authsafe::routes(client_id = id)]
mod auth {}

fn id(n: u8) -> String {
    n.to_string()
}

fn main() {
    drop(auth::from_env());
}
