#[authsafe::routes(bearer(audience = "orders", opaque_without_audience = "yes"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
