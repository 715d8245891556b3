#[authsafe::routes(landing(_ =>))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
