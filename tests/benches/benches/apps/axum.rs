//! axum: bare, behind layers, guarded.

use authsafe::{Session, require_scope};
use authsafe_benches::{Case, now};
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::header::{AUTHORIZATION, COOKIE};
use http::{Request, StatusCode};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;
use tower_service::Service as _;

/// What a request shows of who sends it.
#[derive(Clone, Copy)]
pub(crate) enum By<'s> {
    Nothing,
    Cookie(&'s str),
    Token(&'s str),
}

pub(crate) async fn open() -> &'static str {
    "ok"
}

#[require_scope("admin", routes = super::auth)]
async fn guarded() -> &'static str {
    "ok"
}

/// Of no sign-in by name: of the one whose layer is around it.
#[require_scope("admin", routes = any)]
async fn guarded_by_whichever() -> &'static str {
    "ok"
}

async fn session(session: Session) -> String {
    session.user().id().to_owned()
}

#[require_scope("admin", routes = super::auth)]
async fn both(session: Session) -> String {
    session.user().id().to_owned()
}

#[require_scope("admin", routes = super::auth)]
async fn with_token(session: Session) -> String {
    session
        .access_token()
        .map_or(0, |it| it.expose_secret().len())
        .to_string()
}

/// Without anything.
pub(crate) fn bare() -> Router {
    Router::new().route("/open", get(open))
}

/// Routes under the names of what they measure.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/open", get(open))
        .route("/guard", get(guarded))
        .route("/any", get(guarded_by_whichever))
        .route("/session", get(session))
        .route("/both", get(both))
        .route("/token", get(with_token))
}

pub(crate) fn request(path: &str, by: By<'_>) -> Request<Body> {
    let request = Request::get(path);
    let request = match by {
        By::Nothing => request,
        By::Cookie(cookie) => request.header(COOKIE, cookie),
        By::Token(token) => request.header(AUTHORIZATION, token),
    };
    request.body(Body::empty()).expect("a request")
}

/// A case of one GET. Whoever shows nothing is refused, unless it is for everybody.
pub(crate) fn case<'r>(name: &str, app: Router, path: &'r str, by: By<'r>) -> Case<'r> {
    proves(&app, name, path, by);
    Case::new(
        name,
        move || (app.clone(), request(path, by)),
        |(mut app, request)| good(now(app.call(request))),
    )
}

/// The same for what waits: for Redis, say.
pub(crate) fn case_that_waits<'r>(
    runtime: &'r Runtime,
    name: &str,
    app: Router,
    path: &'r str,
    by: By<'r>,
) -> Case<'r> {
    Case::new(
        name,
        move || (app.clone(), request(path, by)),
        |(mut app, request)| good(runtime.block_on(app.call(request))),
    )
}

fn proves(app: &Router, name: &str, path: &str, by: By<'_>) {
    if matches!(by, By::Nothing) || path == "/open" {
        return;
    }
    let status = now(app.clone().oneshot(request(path, By::Nothing)))
        .expect("an answer")
        .status();
    assert_ne!(status, StatusCode::OK, "{name} lets everybody in");
}

fn good<E: core::fmt::Debug>(response: Result<Response, E>) -> Response {
    let response = response.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    response
}
