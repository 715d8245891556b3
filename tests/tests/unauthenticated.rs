//! What signed-out visitors get, for all routes and by guard, on each framework.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Mutex;

use authsafe::error::GuardError;
use authsafe::hooks::{Event, SignedOut};
use authsafe::{Response, require_recent};
use authsafe_tests::peers::{Peer, Setup, Tale, alike_in};
use authsafe_tests::{Answer, Stage};
use axum::Router;
use axum::routing::any;
use http::{Method, StatusCode, header};

mod redirect {
    #[authsafe::routes(scopes("openid", "admin"), unauthenticated = "redirect")]
    pub(super) mod auth {}
}

mod json {
    #[authsafe::routes(scopes("openid", "admin"), unauthenticated = "json")]
    pub(super) mod auth {}
}

mod own {
    #[authsafe::routes(
        scopes("openid", "admin"),
        unauthenticated = super::own_answer,
        on_error = super::never_asked,
        on_event = super::witness,
    )]
    pub(super) mod auth {}
}

fn own_answer(visitor: &SignedOut<'_>) -> Response {
    let text = format!(
        "{} of {} to {}: {}",
        visitor.error(),
        visitor.request().method,
        visitor.request().uri.path(),
        visitor.sign_in_url()
    );
    let mut response = Response::new(text.into());
    *response.status_mut() = StatusCode::IM_A_TEAPOT;
    response
}

/// Not where the function has answered.
fn never_asked(error: &authsafe::Error, request: &http::request::Parts) -> Option<Response> {
    let signed_out = *error == GuardError::Unauthenticated.into();
    assert!(!signed_out || ["/told", "/sent"].contains(&request.uri.path()));
    None
}

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn witness(event: &Event<'_>) {
    if let Event::Refused { error, .. } = event {
        SEEN.lock().unwrap().push(error.code().to_owned());
    }
}

fn setup(spec: &'static authsafe::Spec) -> Setup {
    Setup {
        spec,
        ..Setup::default()
    }
}

/// A signed-out browser asks as people, scripts and forms do.
async fn ask(peer: &Peer, tale: &mut Tale) {
    let mut browser = peer.browser();
    for page in ["/dashboard?a=1", "/admin/dashboard", "/told", "/sent"] {
        tale.tell(&format!("GET {page}"), &browser.open(page).await);
        tale.tell(&format!("fetch {page}"), &browser.fetch(page).await);
        let xhr = browser.visit(Method::GET, page);
        let xhr = xhr.header("x-requested-with", "XMLHttpRequest");
        tale.tell(&format!("XHR {page}"), &xhr.send().await);
        let head = browser.visit(Method::HEAD, page).send().await;
        // hyper leaves out the length of nothing.
        let location = head.header(header::LOCATION);
        tale.note(&format!(
            "HEAD {page}: {}\n{location:?}",
            head.status.as_u16()
        ));
    }
    for page in ["/admin/upload", "/sent", "/remember"] {
        let form = browser.own_post(page).send().await;
        tale.tell(&format!("POST {page}"), &form);
    }
    let bob = peer.browser_of("bob").await.open("/admin/dashboard").await;
    tale.tell("forbidden", &bob);
}

/// The answers' statuses, by what was asked.
fn statuses(tale: &[String]) -> Vec<String> {
    let first = tale.iter().filter_map(|it| it.lines().next());
    first.map(str::to_owned).collect()
}

#[tokio::test]
async fn by_default_pages_are_sent_to_sign_in_and_everything_else_is_told() {
    let tale = alike_in(Setup::default(), ask).await;
    assert_eq!(
        statuses(&tale),
        [
            "GET /dashboard?a=1: 303",
            "fetch /dashboard?a=1: 401",
            "XHR /dashboard?a=1: 401",
            "HEAD /dashboard?a=1: 401",
            "GET /admin/dashboard: 303",
            "fetch /admin/dashboard: 401",
            "XHR /admin/dashboard: 401",
            "HEAD /admin/dashboard: 401",
            "GET /told: 401",
            "fetch /told: 401",
            "XHR /told: 401",
            "HEAD /told: 401",
            "GET /sent: 303",
            "fetch /sent: 303",
            "XHR /sent: 303",
            "HEAD /sent: 303",
            "POST /admin/upload: 401",
            "POST /sent: 401",
            "POST /remember: 401",
            "forbidden: 403",
        ]
    );
}

#[tokio::test]
async fn redirect_sends_each_get_and_no_post() {
    let tale = alike_in(setup(redirect::auth::SPEC), ask).await;
    assert_eq!(
        statuses(&tale),
        [
            "GET /dashboard?a=1: 303",
            "fetch /dashboard?a=1: 303",
            "XHR /dashboard?a=1: 303",
            "HEAD /dashboard?a=1: 303",
            "GET /admin/dashboard: 303",
            "fetch /admin/dashboard: 303",
            "XHR /admin/dashboard: 303",
            "HEAD /admin/dashboard: 303",
            "GET /told: 401",
            "fetch /told: 401",
            "XHR /told: 401",
            "HEAD /told: 401",
            "GET /sent: 303",
            "fetch /sent: 303",
            "XHR /sent: 303",
            "HEAD /sent: 303",
            "POST /admin/upload: 401",
            "POST /sent: 401",
            "POST /remember: 401",
            "forbidden: 403",
        ]
    );
    assert!(tale[1].contains("signin?returnTo=%2Fdashboard%3Fa%3D1"));
}

#[tokio::test]
async fn json_sends_nobody_but_where_a_guard_says_so() {
    let tale = alike_in(setup(json::auth::SPEC), ask).await;
    for line in statuses(&tale) {
        let expected = match line.split(": ").next().unwrap() {
            "forbidden" => 403,
            asked if asked.ends_with("/sent") && !asked.starts_with("POST") => 303,
            _ => 401,
        };
        assert!(line.ends_with(&expected.to_string()), "{line}");
    }
}

#[tokio::test]
async fn a_function_answers_itself_and_is_not_asked_about_403() {
    let tale = alike_in(setup(own::auth::SPEC), ask).await;
    let told = tale.join("\n");
    assert!(
        told.contains("of GET to /dashboard: /api/auth/signin?returnTo=%2Fdashboard%3Fa%3D1"),
        "{told}"
    );
    // There is nothing to come back to with a GET.
    assert!(
        told.contains("of POST to /admin/upload: /api/auth/signin\n"),
        "{told}"
    );
    for line in statuses(&tale) {
        let expected = match line.split(": ").next().unwrap() {
            "forbidden" => 403,
            asked if asked.ends_with("/told") || asked == "POST /sent" => 401,
            asked if asked.ends_with("/sent") => 303,
            _ => 418,
        };
        assert!(line.ends_with(&expected.to_string()), "{line}");
    }
    assert!(tale[0].contains("cache-control: no-store"), "{}", tale[0]);
    let seen = SEEN.lock().unwrap();
    assert!(seen.iter().any(|code| code == "unauthenticated"));
}

#[tokio::test]
async fn an_unconfigured_app_sends_nobody_to_sign_in() {
    let unconfigured = Setup {
        configured: false,
        ..Setup::default()
    };
    alike_in(unconfigured, async |peer: &Peer, tale: &mut Tale| {
        let answer = peer.browser().open("/sent").await;
        assert_eq!(answer.status, 503);
        tale.tell("GET /sent", &answer);
    })
    .await;
}

#[require_recent(max_age = "1m", unauthenticated = "json")]
async fn payment() -> &'static str {
    "paid"
}

#[require_recent(max_age = "1m", unauthenticated = "redirect")]
async fn form() -> &'static str {
    "form"
}

#[tokio::test]
async fn a_step_up_follows_the_same_choice() {
    let pages = Router::new()
        .route("/payment", any(payment))
        .route("/form", any(form));
    let stage = Stage::builder().pages(pages).start().await;
    let mut alice = stage.browser_of("alice").await;
    stage.pass(std::time::Duration::from_secs(120));

    let told: Answer = alice.open("/payment").await;
    told.refuses(401, "reauthentication_required", "Recent sign-in required");
    assert_eq!(told.header(header::LOCATION), None);
    let sent = alice.fetch("/form").await;
    assert_eq!(
        sent.location(),
        "/api/auth/signin?returnTo=%2Fform&max_age=60"
    );
    let posted = alice.own_post("/form").send().await;
    posted.refuses(401, "reauthentication_required", "Recent sign-in required");
}
