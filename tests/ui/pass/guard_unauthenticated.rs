use authsafe::{require, require_auth, require_recent, require_scope};

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

#[require_auth(unauthenticated = "json")]
async fn api() {}

#[require_scope("admin", unauthenticated = "redirect")]
async fn page() {}

#[require_recent(max_age = "5m", unauthenticated = "auto")]
async fn payment() {}

#[require(not(scope("admin")), unauthenticated = "json", routes = any)]
async fn plain() {}

#[require_auth(unauthenticated = "json")]
mod handlers {
    pub async fn one() {}
}

fn main() {
    let app = axum::Router::<()>::new()
        .route("/api", axum::routing::get(api))
        .route("/page", axum::routing::get(page))
        .route("/payment", axum::routing::get(payment))
        .route("/plain", axum::routing::get(plain))
        .route("/one", axum::routing::get(handlers::one));
    drop(app);
}
