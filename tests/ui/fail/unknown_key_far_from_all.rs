#[authsafe::routes(colour = "red")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
