#[authsafe::routes(keep())]
mod auth {}

fn main() {
    drop(auth::from_env());
}
