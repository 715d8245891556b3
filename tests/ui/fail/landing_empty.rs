#[authsafe::routes(landing())]
mod auth {}

fn main() {
    drop(auth::from_env());
}
