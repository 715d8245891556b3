//! actix-web: bare, behind the middleware, guarded.

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, COOKIE};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, web};
use actix_web_grants::{GrantsMiddleware, protect};
use authsafe::{Auth, Session, require_scope};
use authsafe_benches::{Case, now};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::axum::By;

pub(crate) async fn open() -> &'static str {
    "ok"
}

#[require_scope("admin", routes = super::auth)]
pub(crate) async fn guarded() -> &'static str {
    "ok"
}

#[require_scope("admin", routes = any)]
async fn guarded_by_whichever() -> &'static str {
    "ok"
}

#[require_scope("admin", routes = super::auth)]
async fn both(session: Session) -> String {
    session.user().id().to_owned()
}

#[protect("admin")]
async fn granted() -> &'static str {
    "ok"
}

/// Sessions by their cookie, and no cryptography.
static GRANTED: OnceLock<HashMap<&'static str, HashSet<String>>> = OnceLock::new();

async fn grants(request: &ServiceRequest) -> Result<HashSet<String>, Error> {
    let cookie = request
        .headers()
        .get(COOKIE)
        .and_then(|it| it.to_str().ok());
    let granted = GRANTED
        .get()
        .zip(cookie)
        .and_then(|(all, cookie)| all.get(cookie));
    Ok(granted.cloned().unwrap_or_default())
}

pub(crate) async fn bare<'r>(name: &str, by: By<'r>) -> Case<'r> {
    let app = init_service(App::new().route("/open", web::get().to(open))).await;
    case(name, app, "/open", by)
}

pub(crate) async fn ours<'r>(name: &str, auth: &Auth, path: &'r str, by: By<'r>) -> Case<'r> {
    let app = App::new()
        .route("/open", web::get().to(open))
        .route("/guard", web::get().to(guarded))
        .route("/any", web::get().to(guarded_by_whichever))
        .route("/last/page", web::get().to(open))
        .route("/both", web::get().to(both))
        .wrap(auth.middleware());
    case(name, init_service(app).await, path, by)
}

pub(crate) async fn with_grants(name: &str) -> Case<'static> {
    GRANTED.get_or_init(|| [("session=1", HashSet::from(["admin".to_owned()]))].into());
    let app = App::new()
        .route("/granted", web::get().to(granted))
        .wrap(GrantsMiddleware::with_extractor(grants));
    case(
        name,
        init_service(app).await,
        "/granted",
        By::Cookie("session=1"),
    )
}

fn case<'r, S, B>(name: &str, app: S, path: &'r str, by: By<'r>) -> Case<'r>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error> + 'r,
    B: MessageBody + 'r,
{
    if !matches!(by, By::Nothing) && path != "/open" {
        let refused = now(app.call(request(path, By::Nothing)));
        assert!(
            refused.is_err() || refused.is_ok_and(|it| it.status() != 200),
            "{name} lets everybody in"
        );
    }
    Case::new(
        name,
        move || request(path, by),
        move |request| {
            let response = now(app.call(request)).expect("an answer");
            assert_eq!(response.status(), 200);
            response
        },
    )
}

fn request(path: &str, by: By<'_>) -> actix_http::Request {
    let request = TestRequest::get().uri(path);
    let request = match by {
        By::Nothing => request,
        By::Cookie(cookie) => request.insert_header((COOKIE, cookie)),
        By::Token(token) => request.insert_header((AUTHORIZATION, token)),
    };
    request.to_request()
}
