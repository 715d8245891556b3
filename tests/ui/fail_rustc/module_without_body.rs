#[authsafe::routes]
mod auth;

fn main() {
    drop(auth::from_env());
}
