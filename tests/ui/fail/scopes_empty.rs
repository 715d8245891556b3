#[authsafe::routes(scopes())]
mod auth {}

fn main() {
    drop(auth::from_env());
}
