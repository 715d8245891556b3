#[authsafe::routes]
mod auth {}

#[authsafe::protected]
mod handlers {
    #[authsafe::public]
    pub async fn health() {}

    pub fn orders() -> impl Future<Output = &'static str> {
        async { "all orders" }
    }
}

fn main() {}
