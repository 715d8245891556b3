//! The app under test: what a reader of the README would write. Its guards are of any routes, since
//! many a test serves it with routes of its own.

use authsafe::{Session, require_scope};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    roles("admin"),
    landing(scope("admin") => "/admin/dashboard", _ => "/dashboard"),
)]
pub mod auth {}

/// Routes of an app that runs without sign-in.
pub mod nowhere {
    #[authsafe::routes(
        client_id = env("AUTHSAFE_TESTS_THAT_NOBODY_SETS"),
        cookie_secret = env("AUTHSAFE_TESTS_THAT_NOBODY_SETS_EITHER"),
        app_url = "http://localhost:3000",
        paths(session = "session"),
        protect("/vault/**" => auth),
    )]
    pub mod auth {}
}

pub fn pages() -> Router {
    Router::new()
        .route("/", get(home))
        .route("/dashboard", get(dashboard))
        .route("/admin/dashboard", get(admin_dashboard))
        .route("/admin/upload", post(upload))
        .route("/me", get(me))
}

pub(crate) async fn home(session: Option<Session>) -> String {
    match session {
        Some(session) => format!("Hello {}", session.user().display_name()),
        None => "Hello stranger".to_owned(),
    }
}

pub(crate) async fn dashboard(session: Session) -> String {
    format!("Dashboard of {}", session.user().id())
}

#[require_scope("admin", routes = any)]
pub(crate) async fn admin_dashboard(session: Session) -> String {
    format!("Admin dashboard of {}", session.user().id())
}

#[require_scope("admin", routes = any)]
async fn upload(Json(body): Json<Value>) -> Json<Value> {
    Json(json!({ "taken": body }))
}

async fn me(session: Session) -> Json<Value> {
    Json(serde_json::to_value(&session).unwrap())
}
