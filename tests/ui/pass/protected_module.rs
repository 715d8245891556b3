#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

#[authsafe::protected]
mod handlers {
    use authsafe::{public, require_scope};

    #[require_scope("admin")]
    pub async fn admin() {}

    #[public]
    pub async fn home() {}

    pub fn helper() {}

    async fn private() {}

    pub struct Pages;

    impl Pages {
        #[authsafe::require_scope("admin")]
        pub async fn open() {
            private().await;
        }
    }

    pub mod inner {
        #[authsafe::public]
        pub(crate) async fn about() {}
    }
}

fn main() {
    handlers::helper();
    drop(handlers::home());
    drop(handlers::inner::about());
    let _ = handlers::admin;
    let _ = handlers::Pages::open;
}
