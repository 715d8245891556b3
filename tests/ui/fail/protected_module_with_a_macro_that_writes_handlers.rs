#[authsafe::routes]
mod auth {}

#[authsafe::protected]
mod handlers {
    #[authsafe::public]
    pub async fn health() {}

    macro_rules! handler {
        ($name:ident) => {
            pub async fn $name() {}
        };
    }

    handler!(orders);
}

fn main() {}
