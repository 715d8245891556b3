#[authsafe::routes(bearer(audience = none))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
