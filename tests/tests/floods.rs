//! What comes by the thousand: it costs little, and keeps nobody else out.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::Ipv4Addr;
use std::sync::LazyLock;
use std::time::Duration;

use authsafe::__private::{BearerSpec, ClientAuth, SessionSpec, Setting, SpecParts, parts, spec};
use authsafe::Spec;
use authsafe::dev::{Endpoint, LocalProvider};
use authsafe_tests::peers::{Peer, Setup, alike_in};
use authsafe_tests::{Browser, Logs, Stage, app, auth, eventually};
use http::{Request, StatusCode};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::ServiceExt as _;

const API: &str = "https://api.example.com";

static SPEC: Spec = spec(SpecParts {
    bearer: Some(BearerSpec::new(Setting::Literal(API))),
    client_auth: ClientAuth::Post,
    session: SessionSpec {
        max_age: Duration::from_secs(8 * 3600),
        ..SessionSpec::DEFAULT
    },
    ..*parts(auth::SPEC)
});

static LOGS: LazyLock<Logs> = LazyLock::new(Logs::capture);

fn setup() -> Setup {
    Setup {
        spec: &SPEC,
        ..Setup::default()
    }
}

const PAGE: &str = "GET /dashboard HTTP/1.1";

fn address(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, last)
}

fn token(provider: &LocalProvider) -> String {
    provider.access_token("alice", API, &["admin"]).unwrap()
}

async fn with_token(peer: &Peer, token: &str) -> u16 {
    let authorization = format!("Bearer {token}");
    let answer = peer.say(PAGE, &[("authorization", &authorization)]).await;
    answer.status.as_u16()
}

/// Opaque tokens that nobody was given, shown at once from these addresses in turn.
fn made_up(peer: &Peer, count: usize, from: &[u8]) -> JoinSet<u16> {
    let mut flood = JoinSet::new();
    for (number, last) in (0..count).zip(from.iter().cycle()) {
        let authorization = format!("Bearer made-up-{number}");
        let saying = peer.saying(address(*last), PAGE, &[("authorization", &authorization)]);
        flood.spawn(async { saying.await.status.as_u16() });
    }
    flood
}

#[tokio::test]
async fn made_up_tokens_keep_out_none_that_was_good_before() {
    alike_in(setup(), async |peer, tale| {
        peer.provider.set_opaque_access_tokens(true);
        let good = token(&peer.provider);
        assert_eq!(with_token(peer, &good).await, 200);
        peer.pass(Duration::from_secs(31));
        peer.provider
            .delay(Endpoint::Introspect, Duration::from_secs(3));
        let before = peer.provider.calls(Endpoint::Introspect);
        let flood = made_up(peer, 300, &[2, 3, 4, 5, 6, 7, 8, 9]);
        eventually("the flood", || {
            peer.provider.calls(Endpoint::Introspect) >= before + 48
        })
        .await;
        assert_eq!(with_token(peer, &good).await, 200);
        // No more than so many are asked about at once.
        let statuses = flood.join_all().await;
        assert!(statuses.iter().filter(|&&status| status == 503).count() > 100);
        assert!(statuses.iter().all(|status| [401, 503].contains(status)));
        tale.note("it was let in");
    })
    .await;
}

#[tokio::test]
async fn made_up_tokens_of_one_client_keep_out_no_new_token_of_another() {
    alike_in(setup(), async |peer, tale| {
        peer.provider.set_opaque_access_tokens(true);
        peer.provider
            .delay(Endpoint::Introspect, Duration::from_secs(1));
        let flood = made_up(peer, 300, &[2]);
        eventually("the flood", || {
            peer.provider.calls(Endpoint::Introspect) >= 32
        })
        .await;
        assert_eq!(with_token(peer, &token(&peer.provider)).await, 200);
        let statuses = flood.join_all().await;
        assert!(statuses.iter().filter(|&&status| status == 503).count() > 100);
        tale.note("it was let in");
    })
    .await;
}

/// JWTs that nobody signed with a key of the provider's, shown at once by clients that wait so long.
async fn made_up_jwts(stage: &Stage, count: usize, wait: Duration) -> Vec<Option<u16>> {
    let app = app::pages().layer(stage.auth.layer());
    stage.provider.tamper_access_token_header(|header| {
        header.insert("kid".to_owned(), json!("made-up"));
    });
    let mut flood = JoinSet::new();
    for _ in 0..count {
        let authorization = format!("Bearer {}", token(&stage.provider));
        let request = Request::get("/dashboard").header("authorization", authorization);
        let request = request.body(axum::body::Body::empty()).unwrap();
        let answer = timeout(wait, app.clone().oneshot(request));
        flood.spawn(async { Some(answer.await.ok()?.unwrap().status().as_u16()) });
    }
    stage.provider.stop_tampering();
    flood.join_all().await
}

#[tokio::test]
async fn made_up_jwts_leave_no_tasks_behind() {
    let stage = Stage::builder().spec(&SPEC).start().await;
    stage.provider.delay(Endpoint::Jwks, Duration::from_secs(4));
    let before = alive();
    let answers = made_up_jwts(&stage, 400, Duration::from_millis(500)).await;
    assert_eq!(answers, [None; 400]);
    // Fetches, and the connections that they are made by.
    let left = alive() - before;
    assert!(left < 100, "{left} tasks");
}

#[tokio::test]
async fn made_up_jwts_cost_one_fetch() {
    let stage = Stage::builder().spec(&SPEC).start().await;
    stage
        .provider
        .delay(Endpoint::Jwks, Duration::from_millis(500));
    let before = stage.provider.calls(Endpoint::Jwks);
    let answers = made_up_jwts(&stage, 400, Duration::from_secs(30)).await;
    assert_eq!(answers, [Some(401); 400]);
    // The first keys, and newer ones.
    let fetches = stage.provider.calls(Endpoint::Jwks) - before;
    assert!(fetches <= 2, "{fetches} fetches");
}

fn alive() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn jwts_that_no_key_would_help_have_none_fetched() {
    let stage = Stage::builder().spec(&SPEC).start().await;
    let mut browser = stage.browser();
    let mut status_of = async |token: &str| {
        let visit = browser.visit(http::Method::GET, "/dashboard");
        let visit = visit.header("authorization", &format!("Bearer {token}"));
        visit.send().await.status.as_u16()
    };
    assert_eq!(status_of(&token(&stage.provider)).await, 200);
    let fetches = stage.provider.calls(Endpoint::Jwks);
    stage.provider.tamper_access_token_header(|header| {
        header.insert("kid".to_owned(), json!("made-up"));
    });
    let now = stage.clock.now();
    for (claim, value) in [
        ("aud", json!("https://other.example.com")),
        ("iss", json!("https://evil.example.com")),
        ("exp", json!(now - 1)),
        ("events", json!({})),
    ] {
        stage.pass(Duration::from_secs(60));
        stage.provider.tamper_access_token(move |claims| {
            claims.insert(claim.to_owned(), value.clone());
        });
        assert_eq!(status_of(&token(&stage.provider)).await, 401);
        assert_eq!(stage.provider.calls(Endpoint::Jwks), fetches, "{claim}");
    }
}

const INVALID_CLIENT: &str = r#"{"error":"invalid_client"}"#;

#[tokio::test]
async fn a_provider_that_refuses_the_app_is_not_asked_again_by_each_request() {
    LazyLock::force(&LOGS);
    let said = || {
        LOGS.text()
            .matches("refuses this app's own credentials")
            .count()
    };
    alike_in(setup(), async |peer, tale| {
        let (provider, before) = (&peer.provider, said());
        provider.set_access_token_lifetime(Duration::from_secs(600));
        let mut alice = peer.browser_of("alice").await;
        let mut bob = peer.browser_of("bob").await;
        peer.pass(Duration::from_secs(560));
        let refreshes = provider.calls(Endpoint::Token);
        provider.answer_next(Endpoint::Token, StatusCode::UNAUTHORIZED, INVALID_CLIENT);
        for _ in 0..3 {
            // What they have is good for now.
            assert_eq!(alice.fetch("/me").await.status, 200);
            assert_eq!(bob.fetch("/me").await.status, 200);
        }
        bob.post("/api/auth/refresh").await.refuses(
            502,
            "request_refused",
            "Identity provider refused the request",
        );
        provider.set_opaque_access_tokens(true);
        // Of the other endpoint that says nothing.
        assert_eq!(with_token(peer, &token(provider)).await, 200);
        assert_eq!(provider.calls(Endpoint::Token), refreshes + 1);
        assert_eq!(provider.calls(Endpoint::Introspect), 1);
        peer.pass(Duration::from_secs(29));
        assert_eq!(bob.fetch("/me").await.status, 200);
        assert_eq!(provider.calls(Endpoint::Token), refreshes + 1);
        assert_eq!(said(), before + 1);

        peer.pass(Duration::from_secs(11));
        provider.set_opaque_access_tokens(false);
        assert_eq!(bob.fetch("/me").await.status, 200);
        assert_eq!(provider.calls(Endpoint::Token), refreshes + 2);
        // It takes the app's word again: for all.
        assert_eq!(alice.fetch("/me").await.status, 200);
        assert_eq!(provider.calls(Endpoint::Token), refreshes + 3);
        tale.note("asked once");
    })
    .await;
}

/// The two endpoints may ask in different ways who calls them, and anybody can cause an introspection:
/// if its refusal held for the token endpoint too, a stranger could sign everybody out.
#[tokio::test]
async fn a_refusal_at_introspection_stops_no_refresh() {
    alike_in(setup(), async |peer, tale| {
        let provider = &peer.provider;
        provider.set_access_token_lifetime(Duration::from_secs(600));
        let mut alice = peer.browser_of("alice").await;
        provider.set_opaque_access_tokens(true);
        provider.answer_next(
            Endpoint::Introspect,
            StatusCode::UNAUTHORIZED,
            INVALID_CLIENT,
        );
        for _ in 0..3 {
            assert_eq!(with_token(peer, &token(provider)).await, 503);
        }
        assert_eq!(provider.calls(Endpoint::Introspect), 1);
        // And where it is over for the token endpoint, it is not for this one.
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
        assert_eq!(with_token(peer, &token(provider)).await, 503);
        assert_eq!(provider.calls(Endpoint::Introspect), 1);
        peer.pass(Duration::from_secs(590));
        provider.answer_next(Endpoint::Introspect, StatusCode::UNAUTHORIZED, "");
        assert_eq!(with_token(peer, "junk").await, 503);
        peer.pass(Duration::from_secs(11));
        assert_eq!(alice.fetch("/me").await.status, 200);
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
        tale.note("refreshed");
    })
    .await;
}

#[tokio::test]
async fn a_401_about_a_token_is_not_about_the_app() {
    let stage = Stage::builder().spec(&SPEC).start().await;
    stage.provider.set_opaque_access_tokens(true);
    let status_of = async |token: &str| {
        let mut client = stage.browser();
        let visit = client.visit(http::Method::GET, "/dashboard");
        let visit = visit.header("authorization", &format!("Bearer {token}"));
        visit.send().await.status.as_u16()
    };
    let about_it = r#"{"error":"invalid_token"}"#;
    let unauthorized = StatusCode::UNAUTHORIZED;
    stage
        .provider
        .answer_next(Endpoint::Introspect, unauthorized, about_it);
    assert_eq!(status_of("junk").await, 503);
    assert_eq!(status_of(&token(&stage.provider)).await, 200);
    // One that says nothing is about who asks (RFC 7662 §2.3).
    stage
        .provider
        .answer_next(Endpoint::Introspect, unauthorized, "{}");
    assert_eq!(status_of("other-junk").await, 503);
    let calls = stage.provider.calls(Endpoint::Introspect);
    assert_eq!(status_of("more-junk").await, 503);
    assert_eq!(stage.provider.calls(Endpoint::Introspect), calls);
}

#[tokio::test]
async fn while_the_provider_refuses_the_app_nobody_is_signed_out() {
    alike_in(setup(), async |peer, tale| {
        let provider = &peer.provider;
        provider.set_access_token_lifetime(Duration::from_secs(600));
        let mut alice = peer.browser_of("alice").await;
        peer.pass(Duration::from_secs(601));
        let unavailable = async |alice: &mut Browser| {
            let answer = alice.fetch("/me").await;
            answer.refuses(
                503,
                "refresh_unavailable",
                "Session cannot be refreshed now",
            );
        };
        provider.answer_next(Endpoint::Token, StatusCode::UNAUTHORIZED, INVALID_CLIENT);
        unavailable(&mut alice).await;
        // Noted once more short of the end of the pause, and read after it.
        peer.pass(Duration::from_secs(25));
        unavailable(&mut alice).await;
        peer.pass(Duration::from_secs(6));
        unavailable(&mut alice).await;
        peer.pass(Duration::from_secs(10));
        assert_eq!(alice.fetch("/me").await.status, 200);
        tale.note("signed in");
    })
    .await;
}

#[tokio::test]
async fn a_flood_writes_a_few_lines_into_the_log() {
    LazyLock::force(&LOGS);
    let stage = Stage::builder().spec(&SPEC).start().await;
    for number in 0..100 {
        let mut client = stage.browser();
        let visit = client.visit(http::Method::GET, "/dashboard");
        let visit = visit.header("authorization", &format!("Bearer no.{number}.jwt"));
        assert_eq!(visit.send().await.status, 401);
    }
    let log = LOGS.text();
    let mut lines = log.lines();
    // Each says what was asked for, and there is no second one.
    let is_one = |line: &str| line.contains(" refused ") && line.contains("path=\"/dashboard\"");
    let of_tokens = |line: &&str| line.contains("an access token was refused");
    assert!(lines.clone().filter(of_tokens).all(is_one), "{log}");
    assert!(lines.all(|line| of_tokens(&line) || !line.contains("code=\"invalid_token\"")));
    let lines = log.matches("an access token was refused").count();
    // So many a minute, and a minute may have ended meanwhile.
    assert!((1..=30).contains(&lines), "{lines}");
}
