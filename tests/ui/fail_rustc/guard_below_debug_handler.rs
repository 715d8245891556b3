use axum::Router;
use axum::routing::get;

#[authsafe::routes]
mod auth {}

#[axum::debug_handler]
#[authsafe::require_auth]
async fn dashboard() -> &'static str {
    "hello"
}

fn main() {
    let _: Router = Router::new().route("/", get(dashboard));
}
