//! `GET session`: what a page's script is told of who is signed in.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::convert::Infallible;
use std::time::Duration;

use authsafe::__private::{
    Rate, RateSpec, SessionSpec, SharedStateSpec, SpecParts, StoreSpec, parts, spec,
};
use authsafe::dev::Endpoint;
use authsafe::error::SessionError;
use authsafe::hooks::NewSession;
use authsafe::store::Memory;
use authsafe::{Error, Response, Session, Spec, Visitor};
use authsafe_tests::peers::{Setup, alike_in};
use authsafe_tests::{Answer, Browser, Down, Stage, app, serve};
use axum::Router;
use axum::extract::{FromRequestParts as _, Request};
use axum::middleware::{Next, from_fn};
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, LAST_MODIFIED, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, Method, StatusCode, header};

const SESSION: &str = "/api/auth/session";
const LOGOUT: &str = "/api/auth/logout";
const REFRESH: &str = "/api/auth/refresh";
const MINUTE: Duration = Duration::from_secs(60);

#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    roles("admin"),
    paths(session = "session")
)]
mod auth {}

async fn stage() -> Stage {
    Stage::builder().spec(auth::SPEC).start().await
}

/// Alice is signed in with an access token of five minutes.
async fn alice_on(spec: &'static Spec) -> (Stage, Browser) {
    let stage = Stage::builder().spec(spec).start().await;
    stage.provider.set_access_token_lifetime(5 * MINUTE);
    let alice = stage.browser_of("alice").await;
    (stage, alice)
}

/// Token calls since sign-in.
fn refreshes(stage: &Stage) -> usize {
    stage.provider.calls(Endpoint::Token) - 1
}

/// It is for this browser alone: no cache keeps it, and no other site's page takes it in.
#[track_caller]
fn is_for_one_browser(answer: &Answer) {
    let corp = HeaderName::from_static("cross-origin-resource-policy");
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (VARY, "Cookie"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (corp, "same-origin"),
    ] {
        let all: Vec<_> = answer.headers.get_all(&name).iter().collect();
        assert_eq!(all, [value], "{name} of {answer:#?}");
    }
    assert!(!answer.headers.contains_key(ETAG), "{answer:#?}");
    assert!(!answer.headers.contains_key(LAST_MODIFIED), "{answer:#?}");
    let names = || answer.headers.keys().map(HeaderName::as_str);
    assert!(!names().any(|name| name.starts_with("access-control-")));
}

// What it says

#[tokio::test]
async fn it_is_not_there_unless_the_attribute_says_so() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.fetch(SESSION).await.status, 404);
}

#[tokio::test]
async fn who_is_signed_in_is_told_who_it_is_and_until_when() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    let answer = alice.fetch(SESSION).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header(CONTENT_TYPE), Some("application/json"));
    is_for_one_browser(&answer);
    let now = stage.clock.now();
    let session = answer.json();
    let expected = serde_json::json!({
        "userId": "authsafe|alice",
        "email": "alice@example.com",
        "emailVerified": true,
        "name": session["name"],
        "picture": session["picture"],
        "organizationId": session["organizationId"],
        "scopes": ["openid", "profile", "email", "offline_access", "admin"],
        "roles": ["admin"],
        "permissions": session["permissions"],
        "issuedAt": now,
        "expiresAt": now + 3600,
        "accessTokenExpiresAt": session["accessTokenExpiresAt"],
    });
    assert_eq!(session, expected);
    assert!(session["name"].as_str().unwrap().contains("Alice"));
}

#[tokio::test]
async fn who_is_not_is_told_so() {
    let stage = stage().await;
    let answer = stage.browser().fetch(SESSION).await;
    answer.refuses(401, "no_session", "No active session");
    is_for_one_browser(&answer);
    // Nor is a person who opens it sent to sign in: it is no page.
    let answer = stage.browser().open(SESSION).await;
    answer.refuses(401, "no_session", "No active session");
}

#[tokio::test]
async fn neither_tokens_nor_the_apps_own_data_are_in_it() {
    let stage = stage().await;
    let _ = stage.auth.clone().on_sign_in(async |mut new: NewSession| {
        new.set("credit", &"rating-of-alice").unwrap();
        Ok(new)
    });
    let mut alice = stage.browser_of("alice").await;
    let cookie = format!("authsafe={}", alice.cookie("authsafe").unwrap());
    let headers = [(header::COOKIE, cookie.parse().unwrap())];
    let session = open(&stage, &headers.into_iter().collect()).await;
    assert!(session.get::<String>("credit").is_some());
    let tokens = session.tokens().unwrap();
    let answer = alice.fetch(SESSION).await;
    for secret in [
        tokens.access.expose_secret(),
        tokens.refresh.as_ref().unwrap().expose_secret(),
        tokens.id.as_ref().unwrap().expose_secret(),
        "credit",
        "rating-of-alice",
        &session.id().to_string(),
    ] {
        assert!(!answer.body.contains(secret), "{}", answer.body);
    }
}

async fn open(stage: &Stage, headers: &http::HeaderMap) -> Session {
    stage.auth.authenticate(headers).await.unwrap().unwrap()
}

#[tokio::test]
async fn asked_again_it_says_the_same_and_never_that_nothing_has_changed() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    let first = alice.fetch(SESSION).await;
    let again = alice
        .visit(Method::GET, SESSION)
        .header("if-none-match", "*")
        .header("if-modified-since", "Sun, 06 Nov 2044 08:49:37 GMT");
    let again = again.send().await;
    assert_eq!(again.status, 200);
    assert_eq!(again.body, first.body);
    is_for_one_browser(&again);
}

#[tokio::test]
async fn it_has_get_and_head_alone() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    for name in ["POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
        let method = Method::from_bytes(name.as_bytes()).unwrap();
        let answer = alice.visit(method, SESSION).send().await;
        assert_eq!(answer.status, 405, "{name}");
        assert_eq!(answer.header(ALLOW), Some("GET, HEAD"), "{name}");
        is_for_one_browser(&answer);
    }
    // The headers of a GET (RFC 9110 §9.3.2).
    let head = alice.visit(Method::HEAD, SESSION).send().await;
    assert_eq!(head.status, 200);
    assert!(head.body.is_empty());
    is_for_one_browser(&head);
}

#[tokio::test]
async fn another_sites_page_cannot_read_it() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    for origin in ["https://evil.example", "null", &stage.url] {
        let visit = alice.visit(Method::GET, SESSION).json();
        let visit = visit.header("sec-fetch-mode", "cors");
        is_for_one_browser(&visit.header("origin", origin).send().await);
        let visit = alice.visit(Method::OPTIONS, SESSION);
        let visit = visit.header("access-control-request-method", "GET");
        let preflight = visit.header("origin", origin).send().await;
        assert_eq!(preflight.status, 405);
        is_for_one_browser(&preflight);
    }
}

mod explained {
    use super::*;

    fn explain(error: &Error, _: &http::request::Parts) -> Option<Response> {
        (*error == Error::Session(SessionError::NoSession)).then(|| Response::new("who?".into()))
    }

    #[authsafe::routes(paths(session = "session"), on_error = explain)]
    mod auth {}

    #[tokio::test]
    async fn the_apps_own_answer_is_for_one_browser_too() {
        let stage = Stage::builder().spec(auth::SPEC).start().await;
        let answer = stage.browser().fetch(SESSION).await;
        assert_eq!(answer.body, "who?");
        is_for_one_browser(&answer);
    }
}

// With the session layer and without

#[tokio::test]
async fn it_needs_no_session_layer_and_says_everything_once_with_one() {
    for layered in [true, false] {
        let builder = Stage::builder().spec(auth::SPEC).around(curious);
        let stage = match layered {
            true => builder.start().await,
            false => builder.without_layer().start().await,
        };
        stage.provider.set_access_token_lifetime(5 * MINUTE);
        let mut alice = stage.browser();
        alice.callback("alice").await;
        stage.pass(4 * MINUTE);
        let answer = alice.fetch(SESSION).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.set_cookies().len(), 1, "{answer:#?}");
        assert!(answer.makes_a_session());
        assert_eq!(refreshes(&stage), 1);
        is_for_one_browser(&answer);
    }
}

/// Looks at each request's session, as a log of requests would.
fn curious(router: Router) -> Router {
    let look = async |request: Request, next: Next| {
        let (mut parts, body) = request.into_parts();
        let _ = Visitor::from_request_parts(&mut parts, &()).await;
        next.run(Request::from_parts(parts, body)).await
    };
    router.layer(from_fn(look))
}

// Fresh, as behind a guard

#[tokio::test]
async fn an_access_token_that_ends_soon_is_renewed_on_the_way() {
    let (stage, mut alice) = alice_on(auth::SPEC).await;
    stage.pass(4 * MINUTE);
    let answer = alice.fetch(SESSION).await;
    assert!(answer.makes_a_session());
    let now = stage.clock.now();
    assert_eq!(answer.json()["issuedAt"], now);
    assert_eq!(answer.json()["accessTokenExpiresAt"], now + 300);
    assert!(!alice.fetch(SESSION).await.makes_a_session());
    assert_eq!(refreshes(&stage), 1);
}

#[tokio::test]
async fn a_provider_that_fails_in_passing_is_not_told_of() {
    let (stage, mut alice) = alice_on(auth::SPEC).await;
    stage.pass(4 * MINUTE);
    let away = StatusCode::SERVICE_UNAVAILABLE;
    stage.provider.answer_next(Endpoint::Token, away, "");
    let answer = alice.fetch(SESSION).await;
    assert_eq!(answer.status, 200);
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn in_grace_it_is_answered_as_ever() {
    let (stage, mut alice) = alice_on(auth::SPEC).await;
    stage.pass(6 * MINUTE);
    let away = StatusCode::SERVICE_UNAVAILABLE;
    stage.provider.answer_next(Endpoint::Token, away, "");
    let answer = alice.fetch(SESSION).await;
    assert_eq!(answer.status, 200);
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn once_the_access_token_has_run_out_it_is_503_and_the_session_is_kept() {
    static WITHOUT_GRACE: Spec = spec(SpecParts {
        session: SessionSpec {
            grace: Duration::ZERO,
            ..SessionSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    let (stage, mut alice) = alice_on(&WITHOUT_GRACE).await;
    stage.pass(6 * MINUTE);
    let away = StatusCode::SERVICE_UNAVAILABLE;
    stage.provider.answer_next(Endpoint::Token, away, "");
    let answer = alice.fetch(SESSION).await;
    answer.refuses(
        503,
        "refresh_unavailable",
        "Session cannot be refreshed now",
    );
    is_for_one_browser(&answer);
    stage.pass(Duration::from_secs(10));
    assert_eq!(alice.fetch(SESSION).await.status, 200);
}

#[tokio::test]
async fn a_session_that_the_provider_ended_is_over_and_its_cookie_goes() {
    let (stage, mut alice) = alice_on(auth::SPEC).await;
    stage.pass(4 * MINUTE);
    let refused = r#"{"error":"invalid_grant"}"#;
    let bad_request = StatusCode::BAD_REQUEST;
    stage
        .provider
        .answer_next(Endpoint::Token, bad_request, refused);
    let answer = alice.fetch(SESSION).await;
    answer.refuses(401, "no_session", "No active session");
    assert_eq!(answer.removed(), ["authsafe"]);
}

// Asking is no use

mod idle {
    use super::*;

    static TEN_MINUTES: Spec = spec(SpecParts {
        session: SessionSpec {
            idle: Some(Duration::from_secs(600)),
            ..SessionSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });

    /// A tab asks every two minutes, until the session has been idle for ten.
    async fn ask_until_it_ends(stage: &Stage, tab: &mut Browser) {
        for _ in 0..4 {
            stage.pass(2 * MINUTE);
            assert_eq!(tab.fetch(SESSION).await.status, 200);
        }
        stage.pass(2 * MINUTE);
        let answer = tab.fetch(SESSION).await;
        answer.refuses(401, "no_session", "No active session");
        assert_eq!(tab.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn a_tab_that_asks_does_not_keep_an_abandoned_session_alive() {
        let stage = Stage::builder().spec(&TEN_MINUTES).start().await;
        let mut tab = stage.browser_of("alice").await;
        stage.pass(2 * MINUTE);
        assert!(tab.fetch(SESSION).await.set_cookies().is_empty());
        assert!(tab.fetch("/me").await.makes_a_session(), "this is use");
        ask_until_it_ends(&stage, &mut tab).await;
    }

    #[tokio::test]
    async fn not_by_new_tokens_either() {
        let (stage, mut tab) = alice_on(&TEN_MINUTES).await;
        ask_until_it_ends(&stage, &mut tab).await;
        assert!(refreshes(&stage) >= 1);
    }

    /// A new store for each app that opens one.
    async fn memory() -> Result<Memory, Infallible> {
        Ok(Memory::default())
    }

    static STORED: Spec = spec(SpecParts {
        session: SessionSpec {
            store: StoreSpec::Custom(&memory),
            ..parts(&TEN_MINUTES).session
        },
        ..*parts(&TEN_MINUTES)
    });

    #[tokio::test]
    async fn not_where_sessions_are_in_a_store_either() {
        let (stage, mut tab) = alice_on(&STORED).await;
        ask_until_it_ends(&stage, &mut tab).await;
        assert!(refreshes(&stage) >= 1);
    }

    #[tokio::test]
    async fn not_by_somebody_who_looks_at_each_requests_session() {
        let builder = Stage::builder().spec(&TEN_MINUTES).around(curious);
        let stage = builder.start().await;
        stage.provider.set_access_token_lifetime(5 * MINUTE);
        let mut tab = stage.browser_of("alice").await;
        ask_until_it_ends(&stage, &mut tab).await;
        assert!(refreshes(&stage) >= 1);
    }

    #[tokio::test]
    async fn a_refresh_on_the_way_to_a_handler_is_use_and_so_is_one_asked_for() {
        let (stage, mut alice) = alice_on(&TEN_MINUTES).await;
        for ask in ["/me", REFRESH, "/me", REFRESH] {
            stage.pass(9 * MINUTE);
            let answer = match ask {
                REFRESH => alice.post(REFRESH).await,
                page => alice.fetch(page).await,
            };
            assert_eq!(answer.status, 200, "{ask}");
        }
        assert_eq!(refreshes(&stage), 4);
    }

    /// A tab asks, which renews the tokens; its user comes back with the old cookie a moment later.
    #[tokio::test]
    async fn who_comes_back_after_a_tab_has_asked_uses_it() {
        let (stage, mut tab) = alice_on(&TEN_MINUTES).await;
        stage.pass(9 * MINUTE);
        let mut alice = tab.clone();
        assert!(tab.fetch(SESSION).await.makes_a_session());
        assert_eq!(alice.fetch("/me").await.status, 200);
        stage.pass(9 * MINUTE);
        assert_eq!(alice.fetch("/me").await.status, 200);
        assert_eq!(refreshes(&stage), 2);
    }
}

// What has ended

#[tokio::test]
async fn a_session_that_ended_elsewhere_is_over_here() {
    let stage = stage().await;
    let over = |answer: Answer| answer.refuses(401, "no_session", "No active session");

    let mut alice = stage.browser_of("alice").await;
    let mut tab = alice.clone();
    alice.post(LOGOUT).await;
    over(tab.fetch(SESSION).await);

    let mut alice = stage.browser_of("alice").await;
    stage.auth.revoke_user("authsafe|alice").await.unwrap();
    over(alice.fetch(SESSION).await);

    let mut bob = stage.browser_of("bob").await;
    stage.pass(Duration::from_secs(3600));
    over(bob.fetch(SESSION).await);
}

#[tokio::test]
async fn a_session_that_ended_on_another_machine_is_over_here() {
    let stage = stage().await;
    let state = Memory::default();
    let _ = stage.auth.clone().with_shared_state(state.clone());
    let other = stage.again().await.with_shared_state(state);
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.fetch(SESSION).await.status, 200);
    other.revoke_user("authsafe|alice").await.unwrap();
    let answer = alice.fetch(SESSION).await;
    answer.refuses(401, "no_session", "No active session");
}

#[tokio::test]
async fn where_that_cannot_be_known_it_is_said() {
    static FAIL_CLOSED: Spec = spec(SpecParts {
        shared_state: SharedStateSpec {
            fail_closed: true,
            ..SharedStateSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    for (spec, status) in [(auth::SPEC, 200), (&FAIL_CLOSED, 503)] {
        let (stage, mut alice) = alice_on(spec).await;
        let _ = stage.auth.clone().with_shared_state(Down);
        let answer = alice.fetch(SESSION).await;
        assert_eq!(answer.status, status);
        is_for_one_browser(&answer);
        if status == 503 {
            answer.refuses(503, "state_unavailable", "Sessions cannot be checked now");
        }
    }
}

// How often

#[tokio::test]
async fn it_may_be_asked_as_often_as_one_likes_unless_there_is_a_rate() {
    static TWICE_A_MINUTE: Spec = spec(SpecParts {
        rate_limit: RateSpec {
            session: Some(Rate {
                count: 2,
                per: MINUTE,
            }),
            ..RateSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    let (stage, mut alice) = alice_on(auth::SPEC).await;
    for _ in 0..50 {
        assert_eq!(alice.fetch(SESSION).await.status, 200);
    }
    drop(stage);
    let (_stage, mut alice) = alice_on(&TWICE_A_MINUTE).await;
    for _ in 0..2 {
        assert_eq!(alice.fetch(SESSION).await.status, 200);
    }
    let answer = alice.fetch(SESSION).await;
    answer.refuses(429, "rate_limited", "Too many requests");
    is_for_one_browser(&answer);
}

// On each framework, and by hand

#[tokio::test]
async fn it_is_one_and_the_same_on_each_framework() {
    for layered in [true, false] {
        let setup = Setup {
            spec: auth::SPEC,
            layered,
            ..Setup::default()
        };
        let tale = alike_in(setup, async |peer, tale| {
            let mut stranger = peer.browser();
            tale.tell("nobody", &stranger.fetch(SESSION).await);
            tale.tell("POST", &stranger.post(SESSION).await);
            let head = stranger.visit(Method::HEAD, SESSION).send().await;
            tale.tell("HEAD", &head);
            tale.tell("slash", &stranger.fetch("/api/auth/session/").await);
            tale.tell("spelt", &stranger.fetch("/api/auth/%73ession").await);
            let mut alice = peer.browser();
            alice.callback("alice").await;
            tale.tell("alice", &alice.fetch(SESSION).await);
            tale.tell("page", &alice.open(SESSION).await);
            peer.pass(Duration::from_secs(3590));
            tale.tell("fresh", &alice.fetch(SESSION).await);
            let refused = r#"{"error":"invalid_grant"}"#;
            let bad_request = StatusCode::BAD_REQUEST;
            let mut bob = peer.browser();
            bob.callback("bob").await;
            peer.pass(Duration::from_secs(3590));
            peer.provider
                .answer_next(Endpoint::Token, bad_request, refused);
            tale.tell("ended", &bob.fetch(SESSION).await);
        })
        .await;
        for answer in [
            "nobody: 401",
            "POST: 405",
            "HEAD: 401",
            "alice: 200",
            "page: 200",
            "fresh: 200",
            "ended: 401",
        ] {
            let said = tale.iter().any(|it| it.starts_with(answer));
            assert!(said, "no {answer} in {tale:#?}");
        }
    }
}

#[tokio::test]
async fn a_session_that_ends_idle_does_so_on_each_framework() {
    static TEN_MINUTES: Spec = spec(SpecParts {
        session: SessionSpec {
            idle: Some(Duration::from_secs(600)),
            ..SessionSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    let setup = Setup {
        spec: &TEN_MINUTES,
        ..Setup::default()
    };
    let tale = alike_in(setup, async |peer, tale| {
        let mut tab = peer.browser_of("alice").await;
        peer.pass(9 * MINUTE);
        tale.tell("asked", &tab.fetch(SESSION).await);
        peer.pass(MINUTE);
        tale.tell("idle", &tab.fetch(SESSION).await);
    })
    .await;
    assert!(tale[0].starts_with("asked: 200"), "{tale:#?}");
    assert!(tale[1].starts_with("idle: 401"), "{tale:#?}");
}

#[tokio::test]
async fn a_framework_without_an_adapter_calls_it_by_hand() {
    let stage = stage().await;
    let alice = stage.browser_of("alice").await;
    let cookie = format!("authsafe={}", alice.cookie("authsafe").unwrap());
    let request = http::Request::get("/whatever").header(header::COOKIE, cookie);
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let response = stage.auth.session(&parts).await;
    assert_eq!(response.status(), 200);
    assert!(
        response
            .body()
            .starts_with(br#"{"userId":"authsafe|alice""#)
    );
}

#[tokio::test]
async fn without_a_configuration_it_says_so() {
    let auth = app::nowhere::auth::from_env_or_unconfigured().await;
    let request = http::Request::get(SESSION).body(()).unwrap();
    let response = auth.session(&request.into_parts().0).await;
    let error = Error::Session(SessionError::MissingConfiguration);
    assert_eq!(response.status(), 503);
    assert_eq!(*response.body(), *error.response().body());
    assert_eq!(response.headers()[VARY], "Cookie");
    // The routers have it as well.
    let router = app::pages().merge(auth.router()).layer(auth.layer());
    let answer = Browser::new(&serve(router)).fetch(SESSION).await;
    answer.refuses(503, "missing_configuration", "Missing client configuration");
}
