#[authsafe::routes]
mod auth {}

#[authsafe::protected]
mod handlers {
    #[authsafe::public]
    pub async fn health() {}

    pub trait Orders {
        fn order() -> impl Future<Output = ()> {
            async {}
        }

        fn of_no_future() {}
    }
}

fn main() {}
