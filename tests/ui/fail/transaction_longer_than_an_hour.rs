#[authsafe::routes(session(transaction = "2h"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
