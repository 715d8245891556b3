//! What looks at the handler's arguments stands below the guards.

use authsafe::Session;
use axum::Router;
use axum::routing::get;

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

#[authsafe::require_auth]
#[axum::debug_handler]
async fn page(session: Session) -> String {
    session.user().display_name().to_owned()
}

mod admin {
    #[authsafe::require_scope("admin")]
    #[authsafe::require(recent("5m"))]
    #[axum::debug_handler]
    pub(crate) async fn danger(body: String) -> String {
        body
    }
}

fn main() {
    let _: Router = Router::new()
        .route("/", get(page))
        .route("/danger", get(admin::danger));
}
