mod pages {
    pub(crate) mod admin {
        #[authsafe::require_scope("admin")]
        pub(crate) async fn dashboard() {}

        #[authsafe::require_scope("admin", routes = super::super::auth)]
        pub(crate) async fn settings() {}
    }
}

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

fn main() {
    let _ = (pages::admin::dashboard, pages::admin::settings);
}
