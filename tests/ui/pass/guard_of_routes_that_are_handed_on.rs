//! `crate::auth` may be an import, and is found from everywhere.

mod web {
    pub(crate) mod sign_in {
        #[authsafe::routes(scopes("openid", "admin"), roles("editor"))]
        pub(crate) mod auth {}
    }

    pub(crate) mod handlers {
        /// Its own, which is not asked.
        mod auth {}

        #[authsafe::require_scope("admin")]
        pub(crate) async fn page() {}

        pub(crate) struct Shop;

        impl Shop {
            #[authsafe::require_role("editor")]
            pub(crate) async fn order<T: Send>(&self, _it: T) {}
        }
    }
}

use web::sign_in::auth;

fn main() {
    #[authsafe::policy]
    async fn local(_: &authsafe::Session, _: &http::request::Parts) -> bool {
        true
    }

    #[authsafe::require(policy = local)]
    #[authsafe::require(any(scope("admin"), policy(local)))]
    async fn within() {}

    let _ = (auth::from_env, web::handlers::page, within);
    let _ = web::handlers::Shop::order::<u8>;
}
