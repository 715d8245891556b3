#[authsafe::routes(scopes("openid", "admin"), roles("owner"))]
mod auth {}

#[authsafe::protected]
#[authsafe::require_scope("admin")]
pub mod handlers {
    pub async fn dashboard() {}

    #[authsafe::public]
    pub async fn health() {}

    #[authsafe::require_role("owner")]
    pub async fn sell() {}

    pub struct Shop;

    impl Shop {
        pub async fn order(&self, _body: String) {}
    }
}

pub struct Desk;

#[authsafe::require(any(role("owner"), scope("admin")), routes = crate::auth)]
impl Desk {
    pub async fn open(self) {}

    pub fn new() -> Self {
        Self
    }
}

fn main() {
    let _ = (handlers::dashboard, handlers::health, handlers::sell);
    let _ = (handlers::Shop::order, Desk::open, Desk::new);
}
