//! Access tokens in the place of a session: an app that is an API too.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authsafe::__private::{
    BearerSpec, KeepSpec, SessionSpec, Setting, SharedStateSpec, SpecParts, parts, spec,
};
use authsafe::dev::Endpoint;
use authsafe::store::{Memory, SharedState, StateFuture};
use authsafe::{Session, SessionData, Spec, require, require_recent};
use authsafe_tests::{Answer, Down, Stage, app, as_in_memory, demo_provider, eventually};
use axum::Router;
use axum::routing::{get, post};
use http::header::{AUTHORIZATION, CACHE_CONTROL, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

const API: &str = "https://api.example.com";

#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin", "read"),
    bearer(audience = "https://api.example.com"),
    paths(backchannel_logout = "backchannel-logout")
)]
mod auth {}

#[require(all(scope("read"), any(scope("admin"), role("chief"))))]
async fn tree() -> &'static str {
    "tree"
}

#[require_recent(max_age = "5m")]
async fn recent() -> &'static str {
    "recent"
}

async fn tokens(session: Session) -> String {
    let tokens = session.tokens().unwrap();
    let others = (tokens.refresh.is_some(), tokens.id.is_some());
    format!("{} {others:?}", tokens.access.expose_secret())
}

async fn id_token(session: Session) -> String {
    let tokens = session.tokens().unwrap();
    tokens.id.unwrap().expose_secret().to_owned()
}

async fn refresh_token(session: Session) -> String {
    let tokens = session.tokens().unwrap();
    tokens.refresh.unwrap().expose_secret().to_owned()
}

async fn remember(data: SessionData) -> &'static str {
    data.set("color", &"green").unwrap();
    "remembered"
}

async fn id(session: Session) -> String {
    session.id().to_string()
}

fn pages() -> Router {
    app::pages()
        .route("/tree", get(tree))
        .route("/recent", get(recent))
        .route("/tokens", get(tokens))
        .route("/id-token", get(id_token))
        .route("/refresh-token", get(refresh_token))
        .route("/remember", post(remember))
        .route("/id", get(id))
}

async fn stage() -> Stage {
    Stage::builder()
        .spec(auth::SPEC)
        .pages(pages())
        .start()
        .await
}

/// An app like that of [`stage`], but for this.
async fn stage_with(bearer: BearerSpec) -> Stage {
    let spec = spec(SpecParts {
        bearer: Some(bearer),
        ..*parts(auth::SPEC)
    });
    let builder = Stage::builder().spec(Box::leak(Box::new(spec)));
    builder.pages(pages()).start().await
}

/// A page, asked for as a browser would: whoever shows a token is an API client all the same.
async fn with_token(stage: &Stage, page: &str, token: &str) -> Answer {
    with_header(stage, page, &format!("Bearer {token}")).await
}

async fn with_header(stage: &Stage, page: &str, authorization: &str) -> Answer {
    let mut browser = stage.browser();
    let visit = browser.visit(Method::GET, page);
    visit.header("authorization", authorization).send().await
}

fn token(stage: &Stage, user: &str, scopes: &[&str]) -> String {
    stage.provider.access_token(user, API, scopes).unwrap()
}

const METADATA: &str =
    r#"resource_metadata="https://api.example.com/.well-known/oauth-protected-resource""#;

/// Is it this refusal, and does it say this in its challenge?
#[track_caller]
fn is_refused(stage: &Stage, answer: &Answer, status: u16, code: &str, error: &str, more: &str) {
    answer.refuses(status, code, error);
    let realm = &stage.url;
    let expected = format!(
        r#"Bearer realm="{realm}", error="{code}", error_description="{error}"{more}, {METADATA}"#
    );
    assert_eq!(answer.header(WWW_AUTHENTICATE), Some(expected.as_str()));
    assert_eq!(answer.header(SET_COOKIE), None);
}

#[track_caller]
fn is_invalid(stage: &Stage, answer: &Answer) {
    is_refused(
        stage,
        answer,
        401,
        "invalid_token",
        "Invalid access token",
        "",
    );
}

// What a token opens

#[tokio::test]
async fn a_token_is_there_though_sessions_keep_none() {
    let spec = spec(SpecParts {
        session: SessionSpec {
            keep: KeepSpec {
                id_token: false,
                access_token: false,
            },
            ..SessionSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    let builder = Stage::builder().spec(Box::leak(Box::new(spec)));
    let stage = builder.pages(pages()).start().await;
    let token = token(&stage, "alice", &["read"]);
    let answer = with_token(&stage, "/tokens", &token).await;
    assert_eq!(answer.body, format!("{token} (false, false)"));
}

#[tokio::test]
async fn a_token_opens_what_its_scopes_open() {
    let stage = stage().await;
    let admin = token(&stage, "alice", &["admin"]);
    let answer = with_token(&stage, "/admin/dashboard", &admin).await;
    assert_eq!(answer.body, "Admin dashboard of authsafe|alice");
    assert_eq!(answer.header(SET_COOKIE), None);

    let reader = token(&stage, "bob", &["read"]);
    let answer = with_token(&stage, "/dashboard", &reader).await;
    assert_eq!(answer.body, "Dashboard of authsafe|bob");
    for _ in 0..2 {
        let answer = with_token(&stage, "/admin/dashboard", &reader).await;
        let (code, error) = ("insufficient_scope", "Access token grants too little");
        is_refused(&stage, &answer, 403, code, error, r#", scope="admin""#);
    }
}

#[tokio::test]
async fn the_session_of_a_token_says_what_the_token_says() {
    let stage = stage().await;
    let now = stage.clock.now();
    let token = token(&stage, "alice", &["admin", "read"]);
    let me = with_token(&stage, "/me", &token).await.json();
    let issued_at = me["issuedAt"].as_u64().unwrap();
    assert!(issued_at.abs_diff(now) < 30, "{me}");
    assert_eq!(
        me,
        json!({
            "userId": "authsafe|alice", "email": null, "emailVerified": false, "name": null,
            "picture": null, "organizationId": "org_demo", "scopes": ["admin", "read"],
            "roles": ["admin"], "permissions": ["users:read", "users:write"],
            "issuedAt": issued_at, "expiresAt": issued_at + 3600,
            "accessTokenExpiresAt": issued_at + 3600,
        })
    );
    let tokens = with_token(&stage, "/tokens", &token).await;
    assert_eq!(tokens.body, format!("{token} (false, false)"));
}

#[tokio::test]
async fn authsafes_own_tokens_pass_with_their_plain_type_and_the_client_as_audience() {
    let stage = stage_with(BearerSpec::new(Setting::Env {
        name: "AUTHSAFE_CLIENT_ID",
        default: None,
    }))
    .await;
    stage.provider.tamper_access_token_header(|header| {
        header.insert("typ".to_owned(), json!("JWT"));
    });
    let token = stage
        .provider
        .access_token("alice", "app", &["admin"])
        .unwrap();
    let answer = with_token(&stage, "/admin/dashboard", &token).await;
    assert_eq!(answer.status, 200, "{answer:#?}");
}

#[tokio::test]
async fn a_token_is_as_good_at_a_post_whose_origin_nobody_knows() {
    let stage = stage().await;
    let token = token(&stage, "alice", &["admin"]);
    let mut client = stage.browser();
    let visit = client.visit(Method::POST, "/admin/upload");
    let visit = visit.body("application/json", r#"{"a":1}"#);
    let visit = visit.header("authorization", &format!("bearer {token}"));
    assert_eq!(visit.send().await.body, r#"{"taken":{"a":1}}"#);
}

#[tokio::test]
async fn who_may_be_a_stranger_is_no_stranger_with_a_token() {
    let stage = stage().await;
    let good = token(&stage, "alice", &[]);
    let answer = with_token(&stage, "/", &good).await;
    assert_eq!(answer.body, "Hello authsafe|alice");
    is_invalid(&stage, &with_token(&stage, "/", "eyJ.eyJ.AA").await);
    assert_eq!(stage.browser().open("/").await.body, "Hello stranger");
}

// What it is judged by

#[tokio::test]
async fn a_request_with_a_token_is_judged_by_that_and_not_by_its_cookie() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    let cookies = alice.cookies();
    let bob = format!("Bearer {}", token(&stage, "bob", &[]));
    let visit = alice.visit(Method::GET, "/dashboard");
    let answer = visit.header("authorization", &bob).send().await;
    assert_eq!(answer.body, "Dashboard of authsafe|bob");
    let visit = alice.visit(Method::GET, "/admin/dashboard");
    let answer = visit.header("authorization", &bob).send().await;
    assert_eq!(answer.status, 403);
    for bad in ["Bearer eyJ.eyJ.AA", "bearer opaque"] {
        let visit = alice.visit(Method::GET, "/dashboard");
        let answer = visit.header("authorization", bad).send().await;
        is_invalid(&stage, &answer);
    }
    assert_eq!(alice.cookies(), cookies);
    assert_eq!(
        alice.open("/dashboard").await.body,
        "Dashboard of authsafe|alice"
    );
}

#[tokio::test]
async fn credentials_of_another_scheme_are_for_somebody_else() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    let visit = alice.visit(Method::GET, "/dashboard");
    let answer = visit.header("authorization", "Basic dTpw").send().await;
    assert_eq!(answer.body, "Dashboard of authsafe|alice");
    let answer = with_header(&stage, "/dashboard", "Basic dTpw").await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn an_app_that_takes_no_tokens_does_not_look_at_them() {
    let stage = Stage::builder().pages(pages()).start().await;
    let good = format!("Bearer {}", token(&stage, "bob", &["admin"]));
    let answer = with_header(&stage, "/dashboard", &good).await;
    assert_eq!(answer.status, 303);
    let mut alice = stage.browser_of("alice").await;
    let visit = alice.visit(Method::GET, "/dashboard");
    let answer = visit.header("authorization", &good).send().await;
    assert_eq!(answer.body, "Dashboard of authsafe|alice");
    let answer = stage.browser().fetch("/dashboard").await;
    assert_eq!(answer.header(WWW_AUTHENTICATE), Some("Session"));
    let metadata = "/.well-known/oauth-protected-resource";
    assert_eq!(stage.browser().open(metadata).await.status, 404);
}

#[tokio::test]
async fn what_is_not_one_token_is_malformed() {
    let stage = stage().await;
    let token = token(&stage, "alice", &[]);
    let error = "Expected one Authorization header with one token";
    for header in [
        "Bearer",
        "Bearer a b",
        "Bearer a,b",
        &format!("Bearer {token}, Bearer {token}"),
    ] {
        let answer = with_header(&stage, "/dashboard", header).await;
        is_refused(&stage, &answer, 400, "invalid_request", error, "");
    }
    let good = format!("Bearer {token}");
    for two in [
        [good.as_str(), good.as_str()],
        [&good, "Basic dTpw"],
        ["Basic dTpw", &good],
    ] {
        let url = format!("{}/dashboard", stage.url).parse().unwrap();
        let mut request = reqwest::Request::new(Method::GET, url);
        for header in two {
            let header = HeaderValue::from_str(header).unwrap();
            request.headers_mut().append(AUTHORIZATION, header);
        }
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        assert_eq!(
            client.execute(request).await.unwrap().status(),
            400,
            "{two:?}"
        );
    }
}

#[tokio::test]
async fn a_token_in_a_form_or_a_query_is_none() {
    let stage = stage().await;
    let token = token(&stage, "alice", &["admin"]);
    let page = format!("/admin/dashboard?access_token={token}");
    assert_eq!(stage.browser().fetch(&page).await.status, 401);
    let mut client = stage.browser();
    let visit = client.visit(Method::POST, "/admin/upload");
    let visit = visit.body(
        "application/x-www-form-urlencoded",
        &format!("access_token={token}"),
    );
    assert_eq!(visit.send().await.status, 401);
}

// What nobody without a token is told

#[tokio::test]
async fn who_comes_with_nothing_is_told_what_to_come_with() {
    let stage = stage().await;
    let answer = stage.browser().fetch("/dashboard").await;
    answer.refuses(401, "unauthenticated", "Sign-in required");
    let expected = format!(r#"Bearer realm="{}", {METADATA}"#, stage.url);
    assert_eq!(answer.header(WWW_AUTHENTICATE), Some(expected.as_str()));
    // A person at a browser is sent to sign in as ever.
    assert_eq!(stage.browser().open("/dashboard").await.status, 303);
}

#[tokio::test]
async fn who_has_a_session_is_told_nothing_of_tokens() {
    let stage = stage().await;
    let mut bob = stage.browser_of("bob").await;
    let answer = bob.open("/admin/dashboard").await;
    answer.refuses(403, "forbidden", "Insufficient permission");
    assert_eq!(answer.header(WWW_AUTHENTICATE), None);
}

#[tokio::test]
async fn a_tree_names_the_scopes_that_would_do() {
    let stage = stage().await;
    let chief = token(&stage, "alice", &["admin"]);
    let answer = with_token(&stage, "/tree", &chief).await;
    let (code, error) = ("insufficient_scope", "Access token grants too little");
    is_refused(&stage, &answer, 403, code, error, r#", scope="read admin""#);
    let both = token(&stage, "alice", &["admin", "read"]);
    assert_eq!(with_token(&stage, "/tree", &both).await.body, "tree");
}

#[tokio::test]
async fn who_signed_in_too_long_ago_is_told_how_recently_it_must_be() {
    let stage = stage().await;
    let token = token(&stage, "alice", &[]);
    assert_eq!(with_token(&stage, "/recent", &token).await.body, "recent");
    stage.pass(Duration::from_secs(400));
    let answer = with_token(&stage, "/recent", &token).await;
    answer.refuses(401, "reauthentication_required", "Recent sign-in required");
    let expected = format!(
        r#"Bearer realm="{}", error="insufficient_user_authentication", error_description="Recent sign-in required", max_age="300", {METADATA}"#,
        stage.url
    );
    assert_eq!(answer.header(WWW_AUTHENTICATE), Some(expected.as_str()));
}

#[authsafe::policy]
async fn nobody(_session: &Session, _request: &http::request::Parts) -> authsafe::Decision {
    authsafe::Decision::deny_because("for the log alone")
}

#[require(policy = nobody)]
async fn closed() -> &'static str {
    "closed"
}

#[tokio::test]
async fn a_policy_of_the_apps_own_refuses_in_the_same_words() {
    let pages = Router::new().route("/closed", get(closed));
    let stage = Stage::builder().spec(auth::SPEC).pages(pages).start().await;
    let answer = with_token(&stage, "/closed", &token(&stage, "alice", &["admin"])).await;
    let (code, error) = ("insufficient_scope", "Access token grants too little");
    is_refused(&stage, &answer, 403, code, error, "");
}

fn own_answer(_: &authsafe::Error, _: &http::request::Parts) -> Option<authsafe::Response> {
    let mut response = http::Response::new("no".into());
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    Some(response)
}

#[tokio::test]
async fn an_apps_own_answer_has_the_challenge_too() {
    let spec = spec(SpecParts {
        on_error: Some(&own_answer),
        ..*parts(auth::SPEC)
    });
    let builder = Stage::builder().spec(Box::leak(Box::new(spec)));
    let stage = builder.pages(pages()).start().await;
    let answer = with_token(&stage, "/dashboard", "opaque").await;
    assert_eq!(answer.body, "no");
    let challenge = answer.header(WWW_AUTHENTICATE).unwrap();
    assert!(challenge.starts_with("Bearer realm="), "{challenge}");
}

// What is no token for this app

#[tokio::test]
async fn a_token_for_another_api_is_refused() {
    let stage = stage().await;
    for other in [
        "app",
        "https://other.example.com",
        "https://api.example.com/",
        "",
    ] {
        let token = stage
            .provider
            .access_token("alice", other, &["admin"])
            .unwrap();
        is_invalid(&stage, &with_token(&stage, "/dashboard", &token).await);
    }
}

#[tokio::test]
async fn each_claim_that_is_wrong_is_refused() {
    let stage = stage().await;
    let now = stage.clock.now();
    for (claim, value) in [
        ("iss", json!("https://evil.example.com")),
        ("sub", json!("")),
        ("exp", json!(now)),
        ("exp", Value::Null),
        ("iat", json!(now + 120)),
        ("iat", json!(now - 86_401)),
        ("iat", Value::Null),
        ("nbf", json!(now + 120)),
        ("events", json!({})),
        ("cnf", json!({"jkt": "x"})),
        ("token_use", json!("refresh")),
        ("token_use", json!("id")),
        ("token_type", json!("refresh_token")),
        ("typ", json!("Refresh")),
        ("typ", json!("ID")),
        ("type", json!("refresh")),
        ("token_introspection", json!({"active": true})),
    ] {
        let told = value.clone();
        stage.provider.tamper_access_token(move |claims| {
            claims.insert(claim.to_owned(), value.clone());
        });
        let token = token(&stage, "alice", &["admin"]);
        let answer = with_token(&stage, "/dashboard", &token).await;
        assert_eq!(answer.status, 401, "{claim}: {told}");
        is_invalid(&stage, &answer);
    }
}

#[tokio::test]
async fn each_header_that_is_wrong_is_refused() {
    let stage = stage().await;
    for (name, value) in [
        ("typ", json!("logout+jwt")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!("refresh+jwt")),
        ("typ", json!("rt+jwt")),
        ("typ", json!("id_token")),
        ("typ", json!("token-introspection+jwt")),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("RS512")),
        ("crit", json!(["exp"])),
    ] {
        let told = value.clone();
        stage.provider.tamper_access_token_header(move |header| {
            header.insert(name.to_owned(), value.clone());
        });
        let token = token(&stage, "alice", &["admin"]);
        let answer = with_token(&stage, "/dashboard", &token).await;
        assert_eq!(answer.status, 401, "{name}: {told}");
        is_invalid(&stage, &answer);
    }
}

#[tokio::test]
async fn a_signature_that_is_another_tokens_is_refused() {
    let stage = stage().await;
    let (one, other) = (token(&stage, "alice", &[]), token(&stage, "bob", &[]));
    assert_eq!(with_token(&stage, "/dashboard", &one).await.status, 200);
    let (signed, _) = one.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    for forged in [format!("{signed}.{signature}"), format!("{signed}.")] {
        is_invalid(&stage, &with_token(&stage, "/dashboard", &forged).await);
    }
}

#[tokio::test]
async fn what_sign_in_gave_is_no_access_token_for_the_api() {
    // The app's own client id as audience: that is what an ID token has there.
    let stage = stage_with(BearerSpec::new(Setting::Literal("app"))).await;
    let mut alice = stage.browser_of("alice").await;
    let id_token = alice.fetch("/id-token").await.body;
    assert_eq!(id_token.split('.').count(), 3);
    is_status(&with_token(&stage, "/dashboard", &id_token).await, 401);
    let refresh_token = alice.fetch("/refresh-token").await.body;
    is_status(&with_token(&stage, "/dashboard", &refresh_token).await, 401);
    let logout_token = stage.provider.logout_token(Some("authsafe|alice"), None);
    is_status(
        &with_token(&stage, "/dashboard", &logout_token.unwrap()).await,
        401,
    );
    let access_token = alice.fetch("/tokens").await.body;
    let access_token = access_token.split(' ').next().unwrap();
    is_status(&with_token(&stage, "/dashboard", access_token).await, 200);
}

#[track_caller]
fn is_status(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{answer:#?}");
}

#[tokio::test]
async fn an_id_token_that_has_a_scope_is_refused_for_what_ties_it_to_a_sign_in() {
    let stage = stage_with(BearerSpec::new(Setting::Literal("app"))).await;
    stage.provider.tamper_id_token(|claims| {
        claims.insert("scope".to_owned(), json!("openid admin"));
    });
    let mut alice = stage.browser_of("alice").await;
    let id_token = alice.fetch("/id-token").await.body;
    is_status(&with_token(&stage, "/dashboard", &id_token).await, 401);
}

// Data

#[tokio::test]
async fn a_token_keeps_no_data_and_says_so() {
    let stage = stage().await;
    let token = token(&stage, "alice", &[]);
    let mut client = stage.browser_of("alice").await;
    let visit = client.visit(Method::POST, "/remember");
    let visit = visit.header("authorization", &format!("Bearer {token}"));
    let answer = visit.send().await;
    let error = "Sign-in required: an access token keeps no data";
    answer.refuses(403, "session_required", error);
    assert_eq!(answer.header(SET_COOKIE), None);
    assert_eq!(client.post("/remember").await.body, "remembered");
}

// Once

#[tokio::test]
async fn a_signature_is_checked_once_until_the_token_ends() {
    let stage = stage().await;
    let hours = |n: u64| Duration::from_secs(n * 3600);
    stage.provider.set_access_token_lifetime(hours(10));
    let known = token(&stage, "alice", &[]);
    let unknown = token(&stage, "bob", &[]);
    is_status(&with_token(&stage, "/dashboard", &known).await, 200);

    // From here on there are no keys to check anything with.
    stage.pass(hours(2));
    stage.provider.delay(Endpoint::Jwks, Duration::ZERO);
    let calls = stage.provider.calls(Endpoint::Jwks);
    for _ in 0..3 {
        is_status(&with_token(&stage, "/dashboard", &known).await, 200);
    }
    assert_eq!(stage.provider.calls(Endpoint::Jwks), calls);
    let broken = StatusCode::SERVICE_UNAVAILABLE;
    stage.provider.answer_next(Endpoint::Jwks, broken, "later");
    let answer = with_token(&stage, "/dashboard", &unknown).await;
    let error = "Access token cannot be checked now";
    answer.refuses(503, "verification_unavailable", error);
    // That was not the token's fault, and is not remembered as such.
    is_status(&with_token(&stage, "/dashboard", &unknown).await, 200);

    // The provider's clock, by which tokens end, has run on since the app's was stopped.
    stage.pass(hours(8) + Duration::from_secs(60));
    for token in [&known, &unknown] {
        is_invalid(&stage, &with_token(&stage, "/dashboard", token).await);
    }
}

#[tokio::test]
async fn a_token_is_good_for_max_age_at_the_most() {
    let stage = stage_with(BearerSpec {
        max_age: Duration::from_secs(60),
        ..BearerSpec::new(Setting::Literal(API))
    })
    .await;
    let token = token(&stage, "alice", &[]);
    is_status(&with_token(&stage, "/dashboard", &token).await, 200);
    stage.pass(Duration::from_secs(120));
    is_invalid(&stage, &with_token(&stage, "/dashboard", &token).await);
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_made_up_ones_are_not_fetched_each() {
    let stage = stage().await;
    let old = token(&stage, "alice", &[]);
    is_status(&with_token(&stage, "/dashboard", &old).await, 200);
    let calls = || stage.provider.calls(Endpoint::Jwks);
    let before = calls();
    stage.provider.rotate_keys().unwrap();
    stage.pass(Duration::from_secs(11));
    let new = token(&stage, "alice", &[]);
    is_status(&with_token(&stage, "/dashboard", &new).await, 200);
    assert_eq!(calls(), before + 1);

    stage.provider.tamper_access_token_header(|header| {
        header.insert("kid".to_owned(), json!("made-up"));
    });
    for _ in 0..10 {
        let token = token(&stage, "alice", &[]);
        is_invalid(&stage, &with_token(&stage, "/dashboard", &token).await);
    }
    assert!(calls() <= before + 2, "{} fetches", calls() - before);
}

// Ended before its time

#[tokio::test]
async fn a_user_who_is_signed_out_everywhere_is_so_with_tokens_too() {
    let stage = stage().await;
    let token_of = |user: &str| token(&stage, user, &[]);
    let (alice, bob) = (token_of("alice"), token_of("bob"));
    is_status(&with_token(&stage, "/dashboard", &alice).await, 200);
    // The provider's clock runs on; the app's stands still.
    stage.pass(Duration::from_secs(60));
    stage.auth.revoke_user("authsafe|alice").await.unwrap();
    is_invalid(&stage, &with_token(&stage, "/dashboard", &alice).await);
    is_status(&with_token(&stage, "/dashboard", &bob).await, 200);
    stage.pass(Duration::from_secs(60));
    is_status(
        &with_token(&stage, "/dashboard", &token_of("alice")).await,
        200,
    );
    is_invalid(&stage, &with_token(&stage, "/dashboard", &alice).await);
}

#[tokio::test]
async fn a_user_whom_the_provider_signs_out_is_so_with_tokens_too() {
    let stage = stage().await;
    let known = token(&stage, "alice", &[]);
    is_status(&with_token(&stage, "/dashboard", &known).await, 200);
    let unknown = token(&stage, "alice", &[]);
    stage.pass(Duration::from_secs(60));
    let logout = stage.provider.logout_token(Some("authsafe|alice"), None);
    let form = format!("logout_token={}", logout.unwrap());
    let mut provider = stage.browser();
    let visit = provider.visit(Method::POST, "/api/auth/backchannel-logout");
    let visit = visit.body("application/x-www-form-urlencoded", &form);
    is_status(&visit.send().await, 200);
    for token in [&known, &unknown] {
        is_invalid(&stage, &with_token(&stage, "/dashboard", token).await);
    }
}

/// The app's clock is behind the provider's: by its own, the token is of the future.
#[tokio::test]
async fn a_token_that_was_here_before_the_end_ends_whatever_its_clock_says() {
    let stage = stage().await;
    stage.provider.advance_clock(Duration::from_secs(30));
    let token = token(&stage, "alice", &[]);
    is_status(&with_token(&stage, "/dashboard", &token).await, 200);
    stage.auth.revoke_user("authsafe|alice").await.unwrap();
    is_invalid(&stage, &with_token(&stage, "/dashboard", &token).await);
}

#[tokio::test]
async fn one_token_can_be_ended_by_the_id_of_its_session() {
    let stage = stage().await;
    let (one, other) = (token(&stage, "alice", &[]), token(&stage, "alice", &[]));
    let id = with_token(&stage, "/id", &one).await.body;
    assert_ne!(id, with_token(&stage, "/id", &other).await.body);
    stage
        .auth
        .revoke_session(id.parse().unwrap())
        .await
        .unwrap();
    is_invalid(&stage, &with_token(&stage, "/dashboard", &one).await);
    is_status(&with_token(&stage, "/dashboard", &other).await, 200);
}

#[tokio::test]
async fn what_another_machine_has_ended_is_ended_and_unknown_where_it_must_be_known() {
    let spec = spec(SpecParts {
        shared_state: SharedStateSpec {
            fail_closed: true,
            ..SharedStateSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    let spec: &'static Spec = Box::leak(Box::new(spec));
    let stage = Stage::builder().spec(spec).pages(pages()).start().await;
    let state = Memory::default();
    drop(stage.auth.clone().with_shared_state(state.clone()));
    let other = stage.again().await.with_shared_state(state);
    let token_of = token(&stage, "alice", &[]);
    is_status(&with_token(&stage, "/dashboard", &token_of).await, 200);
    stage.pass(Duration::from_secs(60));
    other.revoke_user("authsafe|alice").await.unwrap();
    is_invalid(&stage, &with_token(&stage, "/dashboard", &token_of).await);

    let down = Stage::builder().spec(spec).pages(pages()).start().await;
    drop(down.auth.clone().with_shared_state(Down));
    let token = token(&down, "alice", &[]);
    let answer = with_token(&down, "/dashboard", &token).await;
    answer.refuses(503, "state_unavailable", "Sessions cannot be checked now");
}

// Opaque tokens

async fn opaque_stage() -> Stage {
    let stage = stage().await;
    stage.provider.set_opaque_access_tokens(true);
    stage
}

#[tokio::test]
async fn the_provider_is_asked_about_an_opaque_token_and_its_word_holds_for_a_moment() {
    let stage = opaque_stage().await;
    let token = token(&stage, "alice", &["admin"]);
    assert!(!token.contains('.'));
    let calls = || stage.provider.calls(Endpoint::Introspect);
    for _ in 0..3 {
        let answer = with_token(&stage, "/admin/dashboard", &token).await;
        assert_eq!(answer.body, "Admin dashboard of authsafe|alice");
    }
    assert_eq!(calls(), 1);
    let me = with_token(&stage, "/me", &token).await.json();
    assert_eq!(me["permissions"], json!(["users:read", "users:write"]));
    stage.provider.revoke_all();
    stage.pass(Duration::from_secs(29));
    is_status(&with_token(&stage, "/dashboard", &token).await, 200);
    stage.pass(Duration::from_secs(1));
    is_invalid(&stage, &with_token(&stage, "/dashboard", &token).await);
    assert_eq!(calls(), 2);
}

#[tokio::test]
async fn a_word_never_holds_longer_than_the_token() {
    let stage = opaque_stage().await;
    stage
        .provider
        .set_access_token_lifetime(Duration::from_secs(10));
    let token = token(&stage, "alice", &[]);
    is_status(&with_token(&stage, "/dashboard", &token).await, 200);
    stage.pass(Duration::from_secs(25));
    is_invalid(&stage, &with_token(&stage, "/dashboard", &token).await);
}

#[tokio::test]
async fn a_token_that_nobody_knows_is_asked_about_once() {
    let stage = opaque_stage().await;
    for _ in 0..3 {
        is_invalid(&stage, &with_token(&stage, "/dashboard", "made-up").await);
    }
    assert_eq!(stage.provider.calls(Endpoint::Introspect), 1);
}

#[tokio::test]
async fn a_provider_that_fails_has_said_nothing_of_the_token() {
    let stage = opaque_stage().await;
    let token = token(&stage, "alice", &[]);
    let error = "Access token cannot be checked now";
    for (status, body) in [
        (500, "oops"),
        (503, "later"),
        (401, "{}"),
        (404, ""),
        (200, "no"),
        (200, "[]"),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        stage
            .provider
            .answer_next(Endpoint::Introspect, status, body);
        let answer = with_token(&stage, "/dashboard", &token).await;
        answer.refuses(503, "verification_unavailable", error);
        // One that does not know this app is asked again after a while.
        stage.pass(Duration::from_secs(30));
    }
    is_status(&with_token(&stage, "/dashboard", &token).await, 200);
}

#[tokio::test]
async fn what_the_provider_says_of_an_opaque_token_is_checked() {
    let stage = opaque_stage().await;
    let now = stage.clock.now();
    for (claim, value) in [
        ("active", json!("true")),
        ("aud", json!("https://other.example.com")),
        ("aud", Value::Null),
        ("iss", json!("https://evil.example.com")),
        ("exp", json!(now)),
        ("sub", json!("")),
        ("token_type", json!("DPoP")),
        ("token_type", json!("refresh_token")),
        ("token_use", json!("refresh_token")),
        ("token_use", json!("id")),
        ("typ", json!("Offline")),
        ("typ", json!("ID")),
        ("at_hash", json!("x")),
        ("events", json!({})),
    ] {
        let told = value.clone();
        stage.provider.tamper_introspection(move |answer| {
            answer.insert(claim.to_owned(), value.clone());
        });
        let token = token(&stage, "alice", &[]);
        let answer = with_token(&stage, "/dashboard", &token).await;
        assert_eq!(answer.status, 401, "{claim}: {told}");
    }
}

#[tokio::test]
async fn an_app_may_take_opaque_tokens_whose_audience_nobody_tells() {
    let stage = stage_with(BearerSpec {
        opaque_without_audience: true,
        ..BearerSpec::new(Setting::Literal(API))
    })
    .await;
    let mut alice = stage.browser_of("alice").await;
    // A provider knows refresh tokens too, and they have no audience.
    let refresh_token = alice.fetch("/refresh-token").await.body;
    is_invalid(
        &stage,
        &with_token(&stage, "/dashboard", &refresh_token).await,
    );
    stage.provider.set_opaque_access_tokens(true);
    stage
        .provider
        .tamper_introspection(|answer| drop(answer.remove("aud")));
    let token = token(&stage, "alice", &[]);
    is_status(&with_token(&stage, "/dashboard", &token).await, 200);
}

/// A shared state, and for how long it keeps the refresh tokens that it has been told of.
#[derive(Debug, Clone, Default)]
struct Hears {
    state: Memory,
    held: Arc<Mutex<HashMap<String, Duration>>>,
}

impl SharedState for Hears {
    as_in_memory!(get put_new remove_if count);

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        Box::pin(async move {
            self.state.put(key, value, ttl).await?;
            if key.contains("held:") {
                self.held.lock().unwrap().insert(key.to_owned(), ttl);
            }
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_refresh_token_that_another_machine_holds_opens_nothing_here() {
    let stage = stage().await;
    let state = Hears::default();
    drop(stage.auth.clone().with_shared_state(state.clone()));
    let other = Stage::builder().spec(auth::SPEC).pages(pages());
    let other = other.var("AUTHSAFE_DOMAIN", stage.provider.issuer());
    let other = other.start().await;
    drop(other.auth.clone().with_shared_state(state.clone()));
    stage.provider.tamper_introspection(|answer| {
        answer.insert("token_type".to_owned(), json!("Bearer"));
        answer.insert("aud".to_owned(), json!(API));
    });
    let mut alice = stage.browser_of("alice").await;
    let refresh_token = alice.fetch("/refresh-token").await.body;
    // It is told in the background.
    eventually("the token is told", || {
        !state.held.lock().unwrap().is_empty()
    })
    .await;
    let answer = with_token(&other, "/dashboard", &refresh_token).await;
    is_invalid(&other, &answer);
    assert_eq!(stage.provider.calls(Endpoint::Introspect), 0);
}

/// A shared state that fails once when it is asked about a refresh token, and then knows each.
#[derive(Debug, Clone, Default)]
struct FailsOnce {
    state: Memory,
    has_failed: Arc<AtomicBool>,
}

impl SharedState for FailsOnce {
    as_in_memory!(put put_new remove_if count);

    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        let is_about_it = keys.iter().any(|key| key.contains("held:"));
        match (is_about_it, self.has_failed.load(Ordering::Relaxed)) {
            (false, _) => self.state.get(keys),
            (true, false) => {
                self.has_failed.store(true, Ordering::Relaxed);
                Down.get(keys)
            }
            (true, true) => Box::pin(async { Ok(vec![Some(Vec::new())]) }),
        }
    }
}

#[tokio::test]
async fn a_jwt_is_not_taken_for_verified_while_nobody_knows_who_holds_it() {
    let spec: &'static Spec = Box::leak(Box::new(spec(SpecParts {
        shared_state: SharedStateSpec {
            fail_closed: true,
            ..SharedStateSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    })));
    let stage = Stage::builder().spec(spec).pages(pages()).start().await;
    let state = FailsOnce::default();
    drop(stage.auth.clone().with_shared_state(state));
    // At a provider whose refresh tokens are JWTs like its access tokens.
    let jwt = token(&stage, "alice", &[]);
    let answer = with_token(&stage, "/dashboard", &jwt).await;
    answer.refuses(503, "state_unavailable", "Sessions cannot be checked now");
    is_invalid(&stage, &with_token(&stage, "/dashboard", &jwt).await);
}

#[tokio::test]
async fn a_refresh_token_that_is_spent_is_held_no_longer_than_a_token_may_last() {
    let spec = parts(auth::SPEC).bearer.unwrap();
    let (session, token) = (parts(auth::SPEC).session.max_age, Duration::from_secs(600));
    let stage = stage_with(BearerSpec {
        max_age: token,
        ..spec
    })
    .await;
    let state = Hears::default();
    drop(stage.auth.clone().with_shared_state(state.clone()));
    let mut alice = stage.browser_of("alice").await;
    for _ in 0..3 {
        let answer = alice.post("/api/auth/refresh").await;
        is_status(&answer, 200);
    }
    eventually("three of four are held for less long", || {
        let held = state.held.lock().unwrap();
        let mut held: Vec<_> = held.values().copied().collect();
        held.sort();
        held == [token, token, token, session]
    })
    .await;
}

#[tokio::test]
async fn without_a_way_to_ask_an_opaque_token_is_refused() {
    let spec = spec(SpecParts {
        client_secret: authsafe::__private::SecretSetting::None,
        ..*parts(auth::SPEC)
    });
    let spec: &'static Spec = Box::leak(Box::new(spec));
    let public = Stage::builder().spec(spec).pages(pages()).start().await;
    is_invalid(&public, &with_token(&public, "/dashboard", "opaque").await);
    assert_eq!(public.provider.calls(Endpoint::Introspect), 0);

    let provider = demo_provider().start().await.unwrap();
    provider.tamper_discovery(|document| drop(document.remove("introspection_endpoint")));
    let builder = Stage::builder().spec(auth::SPEC).pages(pages());
    let stage = builder.provider(provider).start().await;
    stage.provider.set_opaque_access_tokens(true);
    let token = token(&stage, "alice", &[]);
    is_invalid(&stage, &with_token(&stage, "/dashboard", &token).await);
    assert_eq!(stage.provider.calls(Endpoint::Introspect), 0);
}

#[tokio::test]
async fn the_introspection_endpoint_may_be_set_by_hand() {
    let provider = demo_provider().start().await.unwrap();
    provider.tamper_discovery(|document| drop(document.remove("introspection_endpoint")));
    let url = format!("{}/auth/introspect", provider.issuer());
    let spec = spec(SpecParts {
        endpoints: authsafe::__private::Endpoints {
            introspection: Some(Setting::Literal(Box::leak(url.into_boxed_str()))),
            ..authsafe::__private::Endpoints::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    let builder = Stage::builder().spec(Box::leak(Box::new(spec)));
    let stage = builder.pages(pages()).provider(provider).start().await;
    stage.provider.set_opaque_access_tokens(true);
    let token = token(&stage, "alice", &[]);
    is_status(&with_token(&stage, "/dashboard", &token).await, 200);
}

// Metadata

#[tokio::test]
async fn the_resource_says_whose_tokens_it_takes() {
    let stage = stage().await;
    let path = "/.well-known/oauth-protected-resource";
    let answer = stage.browser().open(path).await;
    assert_eq!(
        answer.json(),
        json!({
            "resource": API,
            "authorization_servers": [stage.provider.issuer()],
            "scopes_supported": ["admin", "read"],
            "bearer_methods_supported": ["header"],
        })
    );
    assert_eq!(answer.header(CACHE_CONTROL), Some("no-store"));
    let answer = stage.browser().post(path).await;
    answer.refuses(405, "method_not_allowed", "Method not allowed");
}

#[tokio::test]
async fn the_metadata_lies_where_the_audience_says() {
    let with_path = stage_with(BearerSpec::new(Setting::Literal(
        "https://api.example.com/v1",
    )))
    .await;
    let path = "/.well-known/oauth-protected-resource/v1";
    let metadata = with_path.browser().open(path).await.json();
    assert_eq!(metadata["resource"], "https://api.example.com/v1");
    let refused = with_path.browser().fetch("/dashboard").await;
    let challenge = refused.header(WWW_AUTHENTICATE).unwrap();
    assert!(challenge.contains(path), "{challenge}");

    let no_url = stage_with(BearerSpec::new(Setting::Literal("orders"))).await;
    let path = "/.well-known/oauth-protected-resource";
    assert_eq!(no_url.browser().open(path).await.status, 404);
    let refused = no_url.browser().fetch("/dashboard").await;
    let expected = format!(r#"Bearer realm="{}""#, no_url.url);
    assert_eq!(refused.header(WWW_AUTHENTICATE), Some(expected.as_str()));
}

// By hand

#[tokio::test]
async fn the_cookie_of_a_request_with_a_token_is_not_read_by_hand_either() {
    let stage = stage().await;
    let value = stage.browser_of("alice").await.cookie("authsafe").unwrap();
    let cookie = HeaderValue::from_str(&format!("authsafe={value}")).unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert(http::header::COOKIE, cookie);
    assert!(stage.auth.authenticate(&headers).await.unwrap().is_some());
    headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer opaque"));
    assert!(stage.auth.authenticate(&headers).await.unwrap().is_none());
}
