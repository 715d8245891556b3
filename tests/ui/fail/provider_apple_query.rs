#[authsafe::routes(provider = "apple", response_mode = "query")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
