#[authsafe::routes(algorithms())]
mod auth {}

fn main() {
    drop(auth::from_env());
}
