#[authsafe::routes]
mod auth {}

#[authsafe::protected]
mod handlers {
    use std::pin::Pin;

    #[authsafe::public]
    pub async fn health() {}

    pub fn orders() -> Pin<Box<dyn Future<Output = &'static str> + Send>> {
        Box::pin(async { "all orders" })
    }
}

fn main() {}
