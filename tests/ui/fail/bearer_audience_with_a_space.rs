#[authsafe::routes(bearer(audience = "orders billing"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
