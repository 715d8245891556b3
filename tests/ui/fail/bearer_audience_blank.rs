#[authsafe::routes(bearer(audience = " "))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
