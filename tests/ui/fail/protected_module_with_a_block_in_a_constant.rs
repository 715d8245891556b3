//! Methods that are written within a constant, where no guard is seen.

struct Shop;

#[authsafe::protected]
mod handlers {
    use super::Shop;

    const _: () = {
        impl Shop {
            pub async fn orders() -> &'static str {
                "orders"
            }
        }
    };
}

fn main() {}
