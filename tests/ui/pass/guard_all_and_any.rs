use authsafe::require_scope;
use axum::routing::get;

#[authsafe::routes(scopes("openid", "a", "b", "c"))]
mod auth {}

#[require_scope(all("a", "b"))]
async fn all() {}

#[require_scope(any("a", "b"),)]
async fn any() {}

#[require_scope(all("a", any("b", "c")), routes = crate::auth)]
async fn nested() {}

fn main() {
    let _: axum::Router = axum::Router::new()
        .route("/all", get(all))
        .route("/any", get(any))
        .route("/nested", get(nested));
}
