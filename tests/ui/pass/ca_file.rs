#[authsafe::routes(ca_file = env("CA_FILE"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
