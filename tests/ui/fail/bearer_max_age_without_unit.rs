#[authsafe::routes(bearer(audience = "orders", max_age = "24"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
