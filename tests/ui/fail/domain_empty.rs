#[authsafe::routes(domain = "")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
