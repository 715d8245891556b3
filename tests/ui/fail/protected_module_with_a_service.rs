#[authsafe::routes]
mod auth {}

#[authsafe::protected]
mod handlers {
    use std::future::{Ready, ready};

    #[authsafe::public]
    pub async fn health() {}

    pub trait Service {
        type Future;

        fn call(&mut self) -> Self::Future;
    }

    pub struct Orders;

    impl Service for Orders {
        type Future = Ready<()>;

        fn call(&mut self) -> Self::Future {
            ready(())
        }
    }
}

fn main() {}
