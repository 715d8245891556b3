#[authsafe::routes(client_id = env("1CLIENT"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
