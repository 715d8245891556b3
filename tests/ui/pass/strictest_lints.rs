#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    single_use_lifetimes,
    unnameable_types,
    unreachable_pub,
    unused_qualifications,
    unused_results,
    future_incompatible,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    unused,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
//! Nothing that the attributes write offends anybody.

use authsafe::{Session, require_scope};
use axum::Router;
use axum::routing::get;

#[authsafe::routes(
    scopes("openid", "offline_access", "admin", "never:mentioned"),
    client_id = env("ID", default = "abc"),
    client_secret = none,
    landing(scope("admin") => "/admin", _ => "/"),
    session(max_age = "8h", auto_refresh),
    cookies(name = "me", secure),
    paths(signin = "in"),
    rate_limit(signin = "5/second"),
    on_event = log,
)]
mod auth {}

fn log(event: &authsafe::hooks::Event<'_>) {
    assert!(!format!("{event:?}").is_empty());
}

#[require_scope("admin")]
async fn admin(session: Session) -> String {
    format!("{session:?}")
}

#[authsafe::policy]
async fn owner(session: &Session, _: &http::request::Parts) -> bool {
    std::future::ready(session.user().id() == "owner").await
}

#[authsafe::policy(scope("admin"))]
#[derive(Debug)]
struct Admin;

#[authsafe::require(policy = owner)]
#[authsafe::require(policy = Admin)]
async fn owned(admin: authsafe::Authorized<Admin>) -> String {
    format!("{admin:?}")
}

struct Pages;

impl Pages {
    #[require_scope(all("admin", "openid"))]
    async fn open(session: Session) -> String {
        format!("{session:?}")
    }
}

#[authsafe::require_auth]
async fn logged(request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response {
    use axum::response::IntoResponse as _;

    if request.uri().path() == "/closed" {
        return http::StatusCode::GONE.into_response();
    }
    next.run(request).await
}

fn main() {
    let _router: Router = Router::new()
        .route("/", get(admin))
        .route("/owned", get(owned))
        .route("/pages", get(Pages::open))
        .layer(axum::middleware::from_fn(logged));
    drop(auth::from_env());
}
