//! actix-web: bare, behind the middleware, guarded.

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse};
use actix_web::error::ErrorUnauthorized;
use actix_web::http::header::{AUTHORIZATION, COOKIE};
use actix_web::rt::SystemRunner;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, FromRequest, HttpRequest, web};
use actix_web_grants::{GrantsMiddleware, protect};
use authsafe::{Auth, Session, require_scope};
use authsafe_benches::{Case, now};
use std::collections::{HashMap, HashSet};
use std::future::{Ready, ready};
use std::sync::OnceLock;

use super::axum::By;
use super::peers::{Lean, is_lean_admin};

pub(crate) async fn open() -> &'static str {
    "ok"
}

#[require_scope("admin", routes = super::auth)]
pub(crate) async fn guarded() -> &'static str {
    "ok"
}

#[require_scope("admin", routes = any)]
pub(crate) async fn guarded_by_whichever() -> &'static str {
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

impl FromRequest for Lean {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let cookie = request.headers().get(COOKIE).map(|it| it.as_bytes());
        let is_admin = cookie.is_some_and(is_lean_admin);
        ready(
            is_admin
                .then_some(Self)
                .ok_or_else(|| ErrorUnauthorized("")),
        )
    }
}

pub(crate) async fn guarded_lean(_: Lean) -> &'static str {
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

pub(crate) async fn lean<'r>(name: &str, cookie: &'r str) -> Case<'r> {
    let app = App::new().route("/guard", web::get().to(guarded_lean));
    case(name, init_service(app).await, "/guard", By::Cookie(cookie))
}

/// [`ours`], of what waits: for Redis, say.
pub(crate) fn ours_that_waits<'r>(
    system: &'r SystemRunner,
    name: &str,
    auth: &Auth,
    by: By<'r>,
) -> Case<'r> {
    let app = App::new()
        .route("/any", web::get().to(guarded_by_whichever))
        .wrap(auth.middleware());
    let app = system.block_on(init_service(app));
    let refused = system.block_on(app.call(request("/any", By::Nothing)));
    assert!(is_refused(refused), "{name} lets everybody in");
    Case::new(
        name,
        move || request("/any", by),
        move |request| good(system.block_on(app.call(request))),
    )
}

fn is_refused<B>(answer: Result<ServiceResponse<B>, Error>) -> bool {
    answer.is_err() || answer.is_ok_and(|it| it.status() != 200)
}

fn good<B>(answer: Result<ServiceResponse<B>, Error>) -> ServiceResponse<B> {
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer
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
        assert!(is_refused(refused), "{name} lets everybody in");
    }
    Case::new(
        name,
        move || request(path, by),
        move |request| good(now(app.call(request))),
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
