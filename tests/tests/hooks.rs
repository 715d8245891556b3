//! What an app hangs on to sign-in: a witness of events, its own answers to errors.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::{Arc, Mutex};

use authsafe::error::GuardError;
use authsafe::hooks::Event;
use authsafe::{Error, Response};
use authsafe_tests::Stage;
use axum::body::Bytes;
use http::request::Parts;
use http::{StatusCode, header};

mod witnessed {
    use super::*;

    pub(crate) static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

    fn witness(event: &Event<'_>) {
        let line = match event {
            Event::SignInStarted { return_to, .. } => format!("started for {return_to:?}"),
            Event::SignedIn { session, .. } => format!("{} signed in", session.user().id()),
            Event::Refreshed { session, .. } => {
                format!("{} until {}", session.user().id(), session.expires_at())
            }
            Event::SignedOut { session, .. } => format!("{} signed out", session.user().id()),
            Event::Refused { error, .. } => format!("refused: {}", error.code()),
            other => format!("{other:?}"),
        };
        SEEN.lock().unwrap().push(line);
    }

    #[authsafe::routes(scopes("openid", "offline_access", "admin"), on_event = witness)]
    pub(crate) mod auth {}
}

#[tokio::test]
async fn a_witness_sees_what_happened_in_order() {
    let stage = Stage::builder().spec(witnessed::auth::SPEC).start().await;
    let mut browser = stage.browser();
    browser.open("/me").await;
    browser.fetch("/me").await;
    browser.sign_in("bob", Some("/me")).await;
    browser.start(None).await;
    browser.open("/admin/dashboard").await;
    browser.post("/api/auth/refresh").await;
    browser.open("/api/auth/callback?state=none").await;
    browser.fetch("/api/auth/logout").await;
    browser.post("/api/auth/logout").await;
    browser.post("/api/auth/logout").await;
    let until = stage.clock.now() + 3600;
    assert_eq!(
        *witnessed::SEEN.lock().unwrap(),
        [
            "refused: unauthenticated",
            "started for Some(\"/me\")",
            "authsafe|bob signed in",
            "started for None",
            "refused: forbidden",
            &format!("authsafe|bob until {until}"),
            "refused: unknown_state",
            "refused: method_not_allowed",
            "authsafe|bob signed out",
        ]
    );
}

/// Answers a 403 with a page of the app's own, and leaves the rest.
fn own_page(error: &Error, request: &Parts) -> Option<Response> {
    if error.status() != StatusCode::FORBIDDEN {
        return None;
    }
    let text = format!("{}: {error}", request.uri.path());
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = error.status();
    let cached = http::HeaderValue::from_static("public, max-age=60");
    response.headers_mut().insert(header::CACHE_CONTROL, cached);
    Some(response)
}

#[tokio::test]
async fn a_closure_with_a_state_of_its_own_witnesses_too_beside_the_attributes() {
    let stage = Stage::builder().spec(answered::auth::SPEC).start().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let audit = Arc::clone(&seen);
    let auth = stage.auth.clone().on_event(move |event| {
        let told = match event {
            Event::SignedIn { session, .. } => format!("{} signed in", session.user().id()),
            Event::Refused { error, .. } => format!("refused: {}", error.code()),
            _ => return,
        };
        audit.lock().unwrap().push(told);
    });
    // The first that is set stays.
    let _ = auth.on_event(|_| panic!("a second one"));
    let mut bob = stage.browser_of("bob").await;
    assert_eq!(bob.open("/admin/dashboard").await.status, 403);
    stage.browser().fetch("/api/auth/callback").await;
    let seen = seen.lock().unwrap();
    assert_eq!(
        *seen,
        [
            "authsafe|bob signed in",
            "refused: forbidden",
            "refused: unknown_state"
        ]
    );
}

#[tokio::test]
async fn a_closure_answers_the_errors_that_the_attributes_function_leaves() {
    let stage = Stage::builder().spec(answered::auth::SPEC).start().await;
    let words = "Please come in".to_owned();
    let _ = stage.auth.clone().on_error(move |error, _| {
        let mut response = Response::new(Bytes::from(words.clone()));
        *response.status_mut() = error.status();
        Some(response)
    });
    let mut bob = stage.browser_of("bob").await;
    let answer = bob.open("/admin/dashboard").await;
    assert_eq!(answer.body, "/admin/dashboard: Insufficient permission");
    let answer = stage.browser().fetch("/me").await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (401, "Please come in")
    );
    assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-store"));
}

mod answered {
    #[authsafe::routes(scopes("openid"), on_error = super::own_page)]
    pub(crate) mod auth {}
}

#[tokio::test]
async fn an_app_may_answer_an_error_its_own_way() {
    let stage = Stage::builder().spec(answered::auth::SPEC).start().await;
    let mut bob = stage.browser_of("bob").await;
    let answer = bob.open("/admin/dashboard").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.body, "/admin/dashboard: Insufficient permission");
    // Refusals are nobody's to cache, whoever words them.
    assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-store"));
}

#[tokio::test]
async fn errors_that_the_app_leaves_are_answered_as_ever() {
    let stage = Stage::builder().spec(answered::auth::SPEC).start().await;
    let answer = stage.browser().fetch("/me").await;
    answer.refuses(401, "unauthenticated", "Sign-in required");
}

#[tokio::test]
async fn an_own_answer_does_not_keep_the_transaction() {
    let stage = Stage::builder().spec(answered::auth::SPEC).start().await;
    let mut browser = stage.browser();
    let mut url = browser.start(None).await.next();
    url.query_pairs_mut().append_pair("cancel", "1");
    let cancelled = browser.open(url.as_str()).await;
    let answer = browser.open(cancelled.next().as_str()).await;
    assert_eq!(answer.body, "/api/auth/callback: Access denied");
    assert!(browser.transactions().is_empty());
}

#[test]
fn an_error_says_its_status_code_and_words() {
    let error = Error::from(GuardError::Forbidden);
    assert_eq!(error.status(), 403);
    assert_eq!(error.code(), "forbidden");
    assert_eq!(error.to_string(), error.message());
}

fn told_of(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::Revoked {
            user_id,
            session,
            is_told,
            ..
        } => format!(
            "revoked {user_id:?} {:?} {is_told}",
            session.map(|it| it.to_string())
        ),
        Event::CallbackLedOn { session, .. } => {
            format!("led on {:?}", session.map(|it| it.user().id()))
        }
        Event::Refused { error, .. } => format!("refused: {}", error.code()),
        _ => return None,
    })
}

#[tokio::test]
async fn a_revocation_is_one_event() {
    let stage = Stage::new().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let audit = Arc::clone(&seen);
    let auth = stage.auth.clone().on_event(move |event| {
        audit.lock().unwrap().extend(told_of(event));
    });
    auth.revoke_user("authsafe|bob").await.unwrap();
    let id = "000102030405060708090a0b0c0d0eff";
    auth.revoke_session(id.parse().unwrap()).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(
        *seen,
        [
            "revoked Some(\"authsafe|bob\") None true".to_owned(),
            format!("revoked None Some(\"{id}\") true"),
        ]
    );
}

#[tokio::test]
async fn a_callback_that_leads_on_is_one_event_and_no_refusal() {
    let stage = Stage::new().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let audit = Arc::clone(&seen);
    let _ = stage.auth.clone().on_event(move |event| {
        audit.lock().unwrap().extend(told_of(event));
    });
    let mut bob = stage.browser();
    let journey = bob.sign_in("bob", Some("/me")).await;
    let callback = journey.chosen.next();
    assert_eq!(bob.open(callback.as_str()).await.status, 303);
    assert_eq!(stage.browser().open(callback.as_str()).await.status, 303);
    stage.browser().fetch(callback.as_str()).await;
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "led on Some(\"authsafe|bob\")",
            "led on None",
            "refused: unknown_state"
        ]
    );
}

#[tokio::test]
async fn a_refusal_is_one_event_with_who_asked_for_what() {
    let stage = Stage::new().await;
    let mut bob = stage.browser_of("bob").await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let audit = Arc::clone(&seen);
    let _ = stage.auth.clone().on_event(move |event| {
        let Event::Refused {
            error,
            method,
            path,
            user_id,
            session,
            policy,
            ..
        } = event
        else {
            return;
        };
        let (code, has_session) = (error.code(), session.is_some());
        let line = format!("{code} {method} {path} {user_id:?} {has_session} {policy:?}");
        audit.lock().unwrap().push(line);
    });
    bob.fetch("/admin/dashboard?q=s3cr3t-query").await;
    stage.browser().fetch("/me").await;
    stage.browser().fetch("/api/auth/callback?code=1").await;
    assert_eq!(
        *seen.lock().unwrap(),
        [
            r#"forbidden GET /admin/dashboard Some("authsafe|bob") true Some("scope(\"admin\")")"#,
            r#"unauthenticated GET /me None false Some("auth")"#,
            "unknown_state GET /api/auth/callback None false None",
        ]
    );
}
