//! Every refusal: its words, its code, its status, and what becomes of the session.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use authsafe::dev::Endpoint;
use authsafe_tests::{Answer, Browser, Spy, Stage, app, demo_provider, serve};
use http::{Method, StatusCode, header};
use serde_json::json;

const SIGN_IN: &str = "/api/auth/signin";
const CALLBACK: &str = "/api/auth/callback";
const LOGOUT: &str = "/api/auth/logout";
const REFRESH: &str = "/api/auth/refresh";

/// What the provider may answer instead, and what we then say.
const PROVIDER_FAILURES: [(u16, &str, u16, &str, &str); 6] = [
    (429, "slow down", 429, "rate_limited", "Too many requests"),
    (
        500,
        "oops",
        502,
        "provider_answer",
        "Unexpected answer from the identity provider",
    ),
    (
        502,
        "oops",
        503,
        "provider_unavailable",
        "Identity provider unavailable",
    ),
    (
        503,
        "later",
        503,
        "provider_unavailable",
        "Identity provider unavailable",
    ),
    (
        504,
        "late",
        504,
        "provider_timeout",
        "Identity provider did not answer in time",
    ),
    (
        200,
        "garbage",
        502,
        "provider_answer",
        "Unexpected answer from the identity provider",
    ),
];

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap()
}

// Wrong methods

#[tokio::test]
async fn each_endpoint_has_its_methods_and_says_which() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let methods = [
        "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW",
    ];
    for (path, allow) in [
        (SIGN_IN, "GET, HEAD"),
        (CALLBACK, "GET, HEAD"),
        (LOGOUT, "POST"),
        (REFRESH, "POST"),
    ] {
        let is_other = |name: &&str| allow.split(", ").all(|it| it != *name);
        for name in methods.into_iter().filter(is_other) {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            let visit = browser.visit(method, path);
            let answer = visit.header("sec-fetch-mode", "cors").send().await;
            assert_eq!(answer.header(header::ALLOW), Some(allow), "{name} {path}");
            assert_eq!(answer.status, 405, "{name} {path}");
            assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-store"));
            if name != "HEAD" {
                answer.refuses(405, "method_not_allowed", "Method not allowed");
            }
        }
    }
}

// Sign-in

/// A sign-in where discovery answers this, at the start and now.
async fn sign_in_where_discovery_answers(code: u16, body: &str) -> Answer {
    let provider = demo_provider().start().await.unwrap();
    for _ in 0..2 {
        provider.answer_next(Endpoint::Discovery, status(code), body);
    }
    let stage = Stage::builder().provider(provider).start().await;
    stage.browser().start(None).await
}

#[tokio::test]
async fn a_sign_in_says_what_the_provider_did() {
    // An answer that is no discovery document stops the start.
    let starts = PROVIDER_FAILURES
        .into_iter()
        .filter(|(code, ..)| *code != 200);
    for (code, body, status, error, message) in starts {
        let answer = sign_in_where_discovery_answers(code, body).await;
        answer.refuses(status, error, message);
        assert!(answer.set_cookies().is_empty(), "no transaction is begun");
    }
}

#[tokio::test]
async fn a_sign_in_is_answered_for_no_cache() {
    let stage = Stage::new().await;
    let answer = stage.browser().start(None).await;
    assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-store"));
}

// Callback

/// A callback with these parameters in the place of the code.
async fn callback_with(stage: &Stage, more: &[(&str, &str)]) -> Answer {
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    let chosen = browser.choose("alice", &started).await;
    let mut url = chosen.next();
    let kept: Vec<_> = url
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| name != "code")
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .extend_pairs(more);
    // Of what was cancelled a script is told, and a person is led back.
    let answer = match more {
        [("error", "access_denied"), ..] => browser.fetch(url.as_str()).await,
        _ => browser.open(url.as_str()).await,
    };
    assert_eq!(browser.user().await, None);
    answer
}

#[tokio::test]
async fn a_callback_says_what_the_provider_refused_with() {
    let stage = Stage::new().await;
    let refused = ("request_refused", "Identity provider refused the request");
    let interaction = ("interaction_required", "Sign-in needs the user");
    for (error, status, (code, message)) in [
        ("access_denied", 403, ("access_denied", "Access denied")),
        ("login_required", 401, interaction),
        ("interaction_required", 401, interaction),
        ("consent_required", 401, interaction),
        ("account_selection_required", 401, interaction),
        ("invalid_scope", 502, refused),
        ("unauthorized_client", 502, refused),
        ("made_up", 502, refused),
        ("", 502, refused),
        (
            "temporarily_unavailable",
            503,
            ("provider_unavailable", "Identity provider unavailable"),
        ),
        (
            "server_error",
            502,
            (
                "provider_answer",
                "Unexpected answer from the identity provider",
            ),
        ),
    ] {
        let more = [
            ("error", error),
            ("error_description", "<b>not for the page</b>"),
        ];
        callback_with(&stage, &more)
            .await
            .refuses(status, code, message);
    }
}

#[tokio::test]
async fn someone_who_cancels_at_the_provider_is_not_signed_in() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let mut url = browser.start(None).await.next();
    url.query_pairs_mut().append_pair("cancel", "1");
    let cancelled = browser.open(url.as_str()).await;
    let answer = browser.fetch(cancelled.next().as_str()).await;
    answer.refuses(403, "access_denied", "Access denied");
    assert_eq!(browser.user().await, None);
}

#[tokio::test]
async fn prompt_none_without_a_session_at_the_provider_needs_the_user() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let url = browser.open("/api/auth/signin?prompt=none").await.next();
    let refused = browser.open(url.as_str()).await;
    let answer = browser.open(refused.next().as_str()).await;
    answer.refuses(401, "interaction_required", "Sign-in needs the user");
}

#[tokio::test]
async fn a_code_that_is_missing_or_made_up_is_invalid() {
    let stage = Stage::new().await;
    let invalid = "Invalid authorization code";
    callback_with(&stage, &[])
        .await
        .refuses(400, "invalid_code", invalid);
    let empty = callback_with(&stage, &[("code", "")]).await;
    empty.refuses(400, "invalid_code", invalid);
    let made_up = callback_with(&stage, &[("code", "made-up")]).await;
    made_up.refuses(400, "invalid_code", invalid);
    let twice = callback_with(&stage, &[("code", "a"), ("code", "a")]).await;
    assert_eq!(twice.status, 400);
}

#[tokio::test]
async fn a_callback_says_what_the_provider_did() {
    let stage = Stage::new().await;
    for (code, body, to, error, message) in PROVIDER_FAILURES {
        stage
            .provider
            .answer_next(Endpoint::Token, status(code), body);
        let answer = stage.browser().callback("alice").await;
        answer.refuses(to, error, message);
    }
}

/// Refusals of a code or a refresh token, in the words of providers; the last is AuthSafe's own.
const REFUSALS: [(u16, &str); 5] = [
    (400, r#"{"error":"invalid_token"}"#),
    (400, r#"{"message":"expired"}"#),
    (400, ""),
    (401, ""),
    (
        401,
        r#"{"statusCode":401,"message":"Unauthorized","error":"Unauthorized"}"#,
    ),
];

#[tokio::test]
async fn a_code_that_is_refused_in_any_words_is_invalid() {
    let stage = Stage::new().await;
    // The provider knows the app.
    stage.browser_of("alice").await;
    for (code, body) in REFUSALS {
        stage
            .provider
            .answer_next(Endpoint::Token, status(code), body);
        let answer = stage.browser().callback("alice").await;
        answer.refuses(400, "invalid_code", "Invalid authorization code");
    }
}

#[tokio::test]
async fn what_is_before_the_provider_refuses_neither_a_code_nor_a_refresh_token() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    for (code, body) in [
        (404, "<html></html>"),
        (404, r#"{"status":404,"error":"Not Found"}"#),
        (403, "<html></html>"),
        (403, r#"{"message":"Forbidden"}"#),
    ] {
        let error = "Unexpected answer from the identity provider";
        let provider = &stage.provider;
        provider.answer_next(Endpoint::Token, status(code), body);
        let answer = stage.browser().callback("bob").await;
        answer.refuses(502, "provider_answer", error);
        provider.answer_next(Endpoint::Token, status(code), body);
        alice
            .post(REFRESH)
            .await
            .refuses(502, "provider_answer", error);
        assert!(alice.user().await.is_some(), "{code} {body}");
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_refused_in_any_words_ends_the_session() {
    let stage = Stage::new().await;
    for (code, body) in REFUSALS {
        let mut browser = stage.browser_of("alice").await;
        stage
            .provider
            .answer_next(Endpoint::Token, status(code), body);
        let answer = browser.post(REFRESH).await;
        answer.refuses(401, "session_ended", "Session ended");
        assert_eq!(browser.user().await, None, "{code} {body}");
    }
}

#[tokio::test]
async fn a_callback_says_what_became_of_the_keys() {
    let stage = Stage::new().await;
    for (code, body, to, error, message) in PROVIDER_FAILURES {
        stage
            .provider
            .answer_next(Endpoint::Jwks, status(code), body);
        let answer = stage.browser().callback("alice").await;
        answer.refuses(to, error, message);
    }
}

#[tokio::test]
async fn a_callback_where_the_provider_is_gone_is_unavailable() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    let url = browser.choose("alice", &started).await.next();
    stage.deployment.provider.stop().await;
    let answer = browser.open(url.as_str()).await;
    answer.refuses(503, "provider_unavailable", "Identity provider unavailable");
}

#[tokio::test]
async fn a_client_that_the_provider_does_not_know_is_refused() {
    let stage = Stage::builder()
        .var("AUTHSAFE_CLIENT_SECRET", "not-the-one")
        .start()
        .await;
    let answer = stage.browser().callback("alice").await;
    answer.refuses(
        502,
        "request_refused",
        "Identity provider refused the request",
    );
}

#[tokio::test]
async fn a_token_answer_of_another_type_is_refused() {
    let stage = Stage::new().await;
    stage.provider.tamper_token_response(|answer| {
        answer.insert("token_type".to_owned(), json!("mac"));
    });
    let answer = stage.browser().callback("alice").await;
    answer.refuses(
        502,
        "provider_answer",
        "Unexpected answer from the identity provider",
    );
}

#[tokio::test]
async fn a_token_answer_without_end_is_not_read_to_its_end() {
    let stage = Stage::new().await;
    stage.provider.tamper_token_response(|answer| {
        answer.insert("padding".to_owned(), json!("x".repeat(1024 * 1024)));
    });
    let answer = stage.browser().callback("alice").await;
    answer.refuses(
        502,
        "provider_answer",
        "Unexpected answer from the identity provider",
    );
}

#[tokio::test]
async fn a_token_endpoint_that_redirects_is_not_followed() {
    let provider = demo_provider().start().await.unwrap();
    Spy::redirects(&provider);
    let stage = Stage::builder().provider(provider).start().await;
    let answer = stage.browser().callback("alice").await;
    answer.refuses(
        502,
        "provider_answer",
        "Unexpected answer from the identity provider",
    );
    assert_eq!(stage.provider.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_session_that_no_browser_could_hold_is_refused() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    stage.provider.tamper_access_token(|claims| {
        claims.insert("padding".to_owned(), json!("x".repeat(12_000)));
    });
    let (too_large, failed) = ("session_too_large", "Authentication failed");
    let answer = stage.browser().callback("alice").await;
    answer.refuses(500, too_large, failed);
    let answer = alice.post(REFRESH).await;
    answer.refuses(500, too_large, failed);
}

// Logout

#[tokio::test]
async fn a_logout_of_nobody_is_what_they_wanted() {
    let stage = Stage::new().await;
    let answer = stage.browser().post(LOGOUT).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    let back = stage.browser().post("/api/auth/logout?returnTo=/bye").await;
    assert_eq!(back.location(), "/bye");
    let mut script = stage.browser();
    let script = script.own_post(LOGOUT).json().send().await;
    assert_eq!(script.json(), json!({"success": true, "redirectTo": "/"}));
}

// Refresh

#[tokio::test]
async fn a_refresh_of_nobody_is_told_so() {
    let stage = Stage::new().await;
    let answer = stage.browser().post(REFRESH).await;
    answer.refuses(401, "no_session", "No refresh token available");
}

#[tokio::test]
async fn a_refresh_without_a_refresh_token_is_told_so_and_the_session_goes_on() {
    mod briefly {
        #[authsafe::routes(scopes("openid"))]
        pub(super) mod auth {}
    }
    let stage = Stage::builder().spec(briefly::auth::SPEC).start().await;
    let mut browser = stage.browser_of("bob").await;
    let answer = browser.post(REFRESH).await;
    answer.refuses(400, "no_refresh_token", "No refresh token available");
    assert!(browser.user().await.is_some());
}

#[tokio::test]
async fn a_refresh_says_what_the_provider_did_and_the_session_goes_on() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    for (code, body, to, error, message) in PROVIDER_FAILURES {
        stage
            .provider
            .answer_next(Endpoint::Token, status(code), body);
        let answer = browser.post(REFRESH).await;
        answer.refuses(to, error, message);
        assert!(answer.set_cookies().is_empty(), "{answer:?}");
    }
    assert!(browser.user().await.is_some());
    assert_eq!(browser.post(REFRESH).await.status, 200);
}

#[tokio::test]
async fn a_refresh_where_the_provider_is_gone_keeps_the_session() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    stage.deployment.provider.stop().await;
    let answer = browser.post(REFRESH).await;
    answer.refuses(503, "provider_unavailable", "Identity provider unavailable");
    assert!(browser.user().await.is_some());
}

#[tokio::test]
async fn a_refresh_that_brings_a_bad_id_token_ends_the_session() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    stage.provider.set_corrupt_signatures(true);
    let answer = browser.post(REFRESH).await;
    answer.refuses(502, "invalid_id_token", "Invalid ID token");
    assert_eq!(browser.user().await, None);
}

// Without a configuration

/// At an app that runs without sign-in.
async fn browser_of_nowhere() -> Browser {
    let auth = app::nowhere::auth::from_env_or_unconfigured().await;
    assert!(!auth.is_configured());
    assert_eq!(auth.redirect_uri(), None);
    let router = app::pages().merge(auth.router()).layer(auth.layer());
    Browser::new(&serve(router))
}

#[tokio::test]
async fn without_a_configuration_each_endpoint_says_so() {
    let mut browser = browser_of_nowhere().await;
    for (method, path) in [
        (Method::GET, SIGN_IN),
        (Method::GET, CALLBACK),
        (Method::POST, LOGOUT),
        (Method::POST, REFRESH),
    ] {
        let answer = browser.visit(method, path).send().await;
        answer.refuses(503, "missing_configuration", "Missing client configuration");
    }
}

#[tokio::test]
async fn without_a_configuration_guards_let_nobody_in() {
    // A cookie of an app that is configured opens nothing either.
    let stage = Stage::new().await;
    let cookie = stage.browser_of("alice").await.cookie("authsafe").unwrap();
    let mut browser = browser_of_nowhere().await;
    browser.inject("authsafe", "/", &cookie);
    for page in ["/dashboard", "/admin/dashboard", "/me"] {
        let answer = browser.open(page).await;
        answer.refuses(503, "missing_configuration", "Missing client configuration");
    }
    assert_eq!(browser.open("/").await.body, "Hello stranger");
}

#[tokio::test]
async fn what_the_provider_says_of_an_error_stays_here() {
    let stage = Stage::new().await;
    let body = r#"{"error":"invalid_request","error_description":"internal-host:5432"}"#;
    stage
        .provider
        .answer_next(Endpoint::Token, StatusCode::BAD_REQUEST, body);
    let answer = stage.browser().callback("alice").await;
    answer.refuses(
        502,
        "request_refused",
        "Identity provider refused the request",
    );
}
