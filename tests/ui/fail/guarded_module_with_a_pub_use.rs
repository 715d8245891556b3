#[authsafe::routes]
mod auth {}

#[authsafe::require_auth]
mod handlers {
    #[authsafe::public]
    pub async fn health() {}

    pub use super::orders;
}

pub async fn orders() {}

fn main() {
    let _ = handlers::orders;
}
