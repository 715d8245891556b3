//! The provider's metadata and keys: fetched once for all, renewed while they serve; and tokens whose
//! keys are not known for now.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use authsafe::dev::{Endpoint, LocalProvider};
use authsafe_tests::peers::{Setup, Tale, alike, alike_in};
use authsafe_tests::{Answer, Browser, Stage, app, demo_provider, eventually};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: u64 = 86_400;
const API: &str = "https://api.example.com";
const REFRESH: &str = "/api/auth/refresh";
const LOGOUT: &str = "/api/auth/backchannel-logout";
const FORM: &str = "application/x-www-form-urlencoded";

#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    bearer(audience = "https://api.example.com"),
    paths(backchannel_logout = "backchannel-logout")
)]
mod auth {}

async fn stage() -> Stage {
    let builder = Stage::builder().spec(auth::SPEC).pages(app::pages());
    builder.start().await
}

fn setup() -> Setup {
    Setup {
        spec: auth::SPEC,
        ..Setup::default()
    }
}

/// The key set, as the provider serves it the next time.
fn serve_once(provider: &LocalProvider, keys: &Value) {
    let body = json!({ "keys": keys }).to_string();
    provider.answer_next(Endpoint::Jwks, StatusCode::OK, body);
}

/// Another key signs from now on, and it alone is published.
fn change_key(provider: &LocalProvider) {
    provider.rotate_keys().unwrap();
    provider.retire_old_keys();
}

fn named(kid: &'static str) -> impl Fn(&mut Map<String, Value>) + Send + Sync {
    move |header| drop(header.insert("kid".to_owned(), json!(kid)))
}

/// Somebody posts a logout token whose key is made up.
async fn junk(browser: &mut Browser, provider: &LocalProvider, kid: &str) -> Answer {
    let token = provider.logout_token(Some("nobody"), None).unwrap();
    let (_, rest) = token.split_once('.').unwrap();
    let header = json!({"alg": "RS256", "typ": "logout+jwt", "kid": kid});
    let header = base64_simd::URL_SAFE_NO_PAD.encode_to_string(header.to_string());
    let form = format!("logout_token={header}.{rest}");
    let visit = browser.visit(Method::POST, LOGOUT);
    visit.body(FORM, &form).send().await
}

/// The session endpoint's page, asked for with an access token.
async fn with_token(stage: &Stage, token: &str) -> Answer {
    let mut client = stage.browser();
    let visit = client.visit(Method::GET, "/dashboard");
    let visit = visit.header("authorization", &format!("Bearer {token}"));
    visit.send().await
}

mod fetches {
    use super::*;

    /// Twenty callers: the first goes away once the provider is asked, the others after 60 ms.
    async fn twenty_who_go_away(asked: impl FnMut() -> bool, call: impl AsyncFn() -> Answer) {
        tokio::select! {
            answer = call() => panic!("it is answered too soon: {answer:#?}"),
            () = eventually("a call of the provider", asked) => {}
        }
        for _ in 1..20 {
            let _ = timeout(Duration::from_millis(60), call()).await;
        }
    }

    #[tokio::test]
    async fn twenty_callers_that_go_away_cost_one_fetch_of_the_keys_on_axum_actix_and_hyper() {
        alike_in(setup(), async |peer, tale: &mut Tale| {
            let token = peer.provider.logout_token(Some("nobody"), None).unwrap();
            let form = format!("logout_token={token}");
            peer.provider.delay(Endpoint::Jwks, Duration::from_secs(4));
            let caller = peer.browser();
            let fetches = || peer.provider.calls(Endpoint::Jwks);
            let call = async || {
                let mut caller = caller.clone();
                let visit = caller.visit(Method::POST, LOGOUT);
                visit.body(FORM, &form).send().await
            };
            twenty_who_go_away(|| fetches() == 1, call).await;
            let fetches = fetches();
            tale.note(&format!("{fetches} fetches"));
            assert_eq!(fetches, 1);
        })
        .await;
    }

    #[tokio::test]
    async fn twenty_callers_that_go_away_cost_one_fetch_of_the_metadata() {
        let provider = demo_provider().start().await.unwrap();
        let down = StatusCode::SERVICE_UNAVAILABLE;
        provider.answer_next(Endpoint::Discovery, down, "");
        let stage = Stage::builder().provider(provider).start().await;
        let provider = &stage.provider;
        provider.delay(Endpoint::Discovery, Duration::from_secs(4));
        let caller = stage.browser();
        let fetches = || provider.calls(Endpoint::Discovery);
        let call = async || caller.clone().start(None).await;
        twenty_who_go_away(|| fetches() == 2, call).await;
        assert_eq!(fetches(), 2);
    }

    #[tokio::test]
    async fn nobody_waits_while_old_metadata_is_fetched_again() {
        let stage = stage().await;
        stage.pass(60 * MINUTE);
        let slow = Duration::from_secs(4);
        stage.provider.delay(Endpoint::Discovery, slow);
        let before = Instant::now();
        for _ in 0..3 {
            assert_eq!(stage.browser().start(None).await.status, 303);
        }
        assert!(before.elapsed() < slow, "{:?}", before.elapsed());
        eventually("the fetch", || {
            stage.provider.calls(Endpoint::Discovery) == 2
        })
        .await;
    }

    #[tokio::test]
    async fn nobody_waits_while_keys_that_are_still_good_are_fetched_again() {
        let stage = stage().await;
        stage.browser_of("alice").await;
        stage.pass(50 * MINUTE);
        let slow = Duration::from_secs(4);
        stage.provider.delay(Endpoint::Jwks, slow);
        let before = Instant::now();
        stage.browser_of("alice").await;
        assert!(before.elapsed() < slow, "{:?}", before.elapsed());
        eventually("the fetch", || stage.provider.calls(Endpoint::Jwks) == 2).await;
    }

    #[tokio::test]
    async fn a_key_that_was_withdrawn_is_gone_after_an_hour() {
        let stage = stage().await;
        let lifetime = Duration::from_secs(2 * 3600);
        stage.provider.set_access_token_lifetime(lifetime);
        let old = stage.provider.access_token("alice", API, &[]).unwrap();
        let other = stage.provider.access_token("bob", API, &[]).unwrap();
        assert_eq!(with_token(&stage, &old).await.status, 200);
        change_key(&stage.provider);
        stage.pass(60 * MINUTE);
        assert_eq!(with_token(&stage, &other).await.status, 401);
    }

    #[tokio::test]
    async fn a_clock_that_was_a_day_ahead_leaves_no_keys_that_are_good_for_a_day() {
        let stage = stage().await;
        let now = stage.clock.now();
        stage.clock.correct(now + DAY);
        // By that clock the ID token has run out; the keys have been fetched to find that out.
        assert_eq!(stage.browser().callback("alice").await.status, 502);
        assert_eq!(stage.provider.calls(Endpoint::Jwks), 1);
        stage.clock.correct(now);
        stage.browser_of("alice").await;
        assert_eq!(stage.provider.calls(Endpoint::Jwks), 1);
        stage.pass(60 * MINUTE);
        stage.browser_of("alice").await;
        assert_eq!(stage.provider.calls(Endpoint::Jwks), 2);
    }

    #[tokio::test]
    async fn a_clock_that_was_a_day_behind_leaves_nothing_stale() {
        let stage = stage().await;
        stage.clock.correct(stage.clock.now() - DAY);
        assert_eq!(stage.browser().callback("alice").await.status, 502);
        stage.clock.correct(stage.clock.now() + DAY);
        stage.browser_of("alice").await;
        assert_eq!(stage.provider.calls(Endpoint::Jwks), 1);
        assert_eq!(stage.provider.calls(Endpoint::Discovery), 1);
    }
}

mod no_key_for_now {
    use super::*;

    /// Alice, whose access token of five minutes is to be renewed now.
    async fn due(stage: &Stage) -> Browser {
        stage.provider.set_access_token_lifetime(5 * MINUTE);
        let alice = stage.browser_of("alice").await;
        stage.pass(4 * MINUTE);
        alice
    }

    fn refreshes(stage: &Stage) -> usize {
        stage.provider.calls(Endpoint::Token) - 1
    }

    #[tokio::test]
    async fn keeps_the_session_and_the_new_refresh_token() {
        let stage = stage().await;
        let mut alice = due(&stage).await;
        stage.provider.tamper_id_token_header(named("not yet"));
        let answer = alice.fetch("/me").await;
        assert_eq!(answer.status, 200);
        // The old refresh token is spent.
        assert!(answer.makes_a_session());
        // Not every request asks for tokens that cannot be checked.
        for _ in 0..3 {
            assert_eq!(alice.fetch("/me").await.status, 200);
        }
        assert_eq!(refreshes(&stage), 1);

        stage.provider.stop_tampering();
        stage.pass(Duration::from_secs(10));
        assert!(alice.fetch("/me").await.makes_a_session());
        assert_eq!(refreshes(&stage), 2);
        stage.pass(4 * MINUTE);
        assert_eq!(alice.fetch("/me").await.status, 200);
        assert_eq!(refreshes(&stage), 3);
    }

    #[tokio::test]
    async fn lets_nobody_in_once_the_access_token_has_ended_and_ends_no_session() {
        let stage = stage().await;
        let mut alice = due(&stage).await;
        stage.pass(2 * MINUTE);
        stage.provider.tamper_id_token_header(named("not yet"));
        for _ in 0..3 {
            let answer = alice.fetch("/me").await;
            assert_eq!(answer.status, 503, "{answer:#?}");
            assert_eq!(answer.json()["code"], "refresh_unavailable");
        }
        assert_eq!(refreshes(&stage), 1);
        stage.provider.stop_tampering();
        stage.pass(Duration::from_secs(10));
        assert_eq!(alice.fetch("/me").await.status, 200);
    }

    #[tokio::test]
    async fn is_the_providers_failure_on_axum_actix_and_hyper() {
        alike(async |peer, tale: &mut Tale| {
            let mut alice = peer.browser_of("alice").await;
            peer.provider.tamper_id_token_header(named("not yet"));
            let refused = alice.post(REFRESH).await;
            tale.tell("refresh", &refused);
            assert_eq!(refused.status, 503);
            assert_eq!(refused.code(), "provider_unavailable");
            assert!(refused.makes_a_session());
            tale.tell("me", &alice.fetch("/me").await);
            peer.provider.stop_tampering();
            peer.pass(Duration::from_secs(10));
            let good = alice.post(REFRESH).await;
            tale.tell("refresh", &good);
            assert_eq!(good.status, 200);
        })
        .await;
    }

    #[tokio::test]
    async fn is_not_what_it_is_once_somebody_has_sent_a_made_up_one() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        let mut stranger = stage.browser();
        // Each of them, and all of them together.
        for i in 0..64 {
            let answer = junk(&mut stranger, &stage.provider, &format!("made-up-{i}")).await;
            assert_eq!(answer.status, 400);
        }
        let fetches = stage.provider.calls(Endpoint::Jwks);
        assert!(fetches <= 4, "{fetches} fetches");
        change_key(&stage.provider);
        assert_eq!(alice.post(REFRESH).await.status, 200);
        assert_eq!(stage.provider.calls(Endpoint::Jwks), fetches + 1);
        let alice = alice.fetch("/me").await;
        assert_eq!(alice.status, 200);
    }

    #[tokio::test]
    async fn one_made_up_key_keeps_no_other_tokens_key_from_being_found() {
        let stage = stage().await;
        stage.browser_of("alice").await;
        let mut stranger = stage.browser();
        let answer = junk(&mut stranger, &stage.provider, "made-up").await;
        answer.refuses(400, "invalid_logout_token", "Invalid logout token");
        change_key(&stage.provider);
        let token = stage.provider.access_token("alice", API, &[]).unwrap();
        assert_eq!(with_token(&stage, &token).await.status, 200);
        let fetches = stage.provider.calls(Endpoint::Jwks);
        // The one that was looked for is not looked for again.
        for _ in 0..3 {
            let answer = junk(&mut stranger, &stage.provider, "made-up").await;
            answer.refuses(400, "invalid_logout_token", "Invalid logout token");
        }
        assert_eq!(stage.provider.calls(Endpoint::Jwks), fetches);
    }

    #[tokio::test]
    async fn a_token_whose_key_cannot_be_looked_for_now_is_not_called_invalid() {
        let stage = stage().await;
        stage.browser_of("alice").await;
        let mut stranger = stage.browser();
        for i in 0..8 {
            junk(&mut stranger, &stage.provider, &format!("made-up-{i}")).await;
        }
        change_key(&stage.provider);
        let token = stage.provider.access_token("alice", API, &[]).unwrap();
        let error = "Access token cannot be checked now";
        let answer = with_token(&stage, &token).await;
        answer.refuses(503, "verification_unavailable", error);
        let answer = junk(&mut stranger, &stage.provider, "another").await;
        let error = "Logout token cannot be checked now";
        answer.refuses(400, "keys_unavailable", error);
        stage.pass(Duration::from_secs(10));
        assert_eq!(with_token(&stage, &token).await.status, 200);
    }

    #[tokio::test]
    async fn without_a_key_id_a_key_that_has_changed_is_fetched_too() {
        let stage = stage().await;
        let without_kid = |header: &mut Map<String, Value>| drop(header.remove("kid"));
        stage.provider.tamper_id_token_header(without_kid);
        let mut alice = stage.browser_of("alice").await;
        change_key(&stage.provider);
        assert_eq!(alice.post(REFRESH).await.status, 200);
    }
}

mod a_set_without_a_usable_key {
    use super::*;

    fn useless() -> [Value; 3] {
        [
            json!([]),
            json!([{"kty": "future", "kid": "k", "x": "AA"}]),
            json!([{"kty": "oct", "kid": "k", "k": "c2VjcmV0"}]),
        ]
    }

    #[tokio::test]
    async fn does_not_take_the_place_of_one_that_has_some() {
        for keys in useless() {
            let stage = stage().await;
            stage.browser_of("alice").await;
            stage.pass(50 * MINUTE);
            serve_once(&stage.provider, &keys);
            for _ in 0..2 {
                stage.browser_of("alice").await;
                eventually("the fetch", || stage.provider.calls(Endpoint::Jwks) == 2).await;
            }
        }
    }

    #[tokio::test]
    async fn ends_no_session_while_a_key_is_looked_for() {
        for keys in useless() {
            let stage = stage().await;
            let mut alice = stage.browser_of("alice").await;
            change_key(&stage.provider);
            serve_once(&stage.provider, &keys);
            let answer = alice.post(REFRESH).await;
            assert_eq!(answer.status, 502, "{answer:#?}");
            assert_eq!(answer.code(), "provider_answer");
            assert_eq!(alice.fetch("/me").await.status, 200);
            stage.pass(Duration::from_secs(2));
            assert_eq!(alice.post(REFRESH).await.status, 200);
        }
    }

    #[tokio::test]
    async fn is_no_key_set_for_a_sign_in() {
        let stage = stage().await;
        serve_once(&stage.provider, &json!([]));
        let answer = stage.browser().callback("alice").await;
        let error = "Unexpected answer from the identity provider";
        answer.refuses(502, "provider_answer", error);
        stage.browser_of("alice").await;
    }
}
