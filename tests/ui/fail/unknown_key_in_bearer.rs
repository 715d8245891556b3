#[authsafe::routes(bearer(audiences = "orders"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
