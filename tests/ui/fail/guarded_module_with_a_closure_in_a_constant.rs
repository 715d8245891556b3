#[authsafe::routes]
mod auth {}

#[authsafe::require_auth]
mod handlers {
    use std::future::{Ready, ready};

    #[authsafe::public]
    pub async fn health() {}

    type Handler = fn() -> Ready<&'static str>;

    pub const ORDERS: Handler = || ready("all orders");
}

fn main() {}
