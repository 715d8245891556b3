#[authsafe::routes]
mod auth {}

#[authsafe::protected]
mod handlers {
    use std::pin::Pin;

    #[authsafe::public]
    pub async fn health() {}

    pub type Answer = Pin<Box<dyn Future<Output = &'static str> + Send>>;

    pub fn orders() -> Answer {
        Box::pin(async { "all orders" })
    }
}

fn main() {}
