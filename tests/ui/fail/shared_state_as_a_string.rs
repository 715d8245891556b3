#[authsafe::routes(shared_state = "redis://localhost")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
