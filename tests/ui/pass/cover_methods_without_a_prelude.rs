#![no_implicit_prelude]

struct Shop;

impl Shop {
    #[::authsafe::require_auth]
    #[::authsafe::require_permission("sell")]
    async fn sell(&self) {}
}

fn main() {
    let _ = Shop::sell;
}
