//! Back-channel logout: the provider says who has signed out, and to no browser.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe::__private::{Paths, SpecParts, parts, spec};
use authsafe::dev::Endpoint;
use authsafe::hooks::Event;
use authsafe::store::Memory;
use authsafe::{Auth, Spec};
use authsafe_tests::peers::{Peer, Setup, Tale, alike_in};
use authsafe_tests::{Answer, Browser, Down, Stage, as_in_memory, auth};
use http::{Method, Request, header};
use serde_json::{Map, Value, json};

const PATH: &str = "/api/auth/backchannel-logout";
const FORM: &str = "application/x-www-form-urlencoded";
const ALICE: Option<&str> = Some("authsafe|alice");

static ENABLED: Spec = spec(SpecParts {
    paths: Paths {
        backchannel_logout: Some("backchannel-logout"),
        ..Paths::DEFAULT
    },
    ..*parts(auth::SPEC)
});

async fn stage() -> Stage {
    Stage::builder().spec(&ENABLED).start().await
}

/// The provider posts a form.
async fn post(stage: &Stage, body: &str) -> Answer {
    post_as(stage, FORM, body).await
}

async fn post_as(stage: &Stage, kind: &str, body: &str) -> Answer {
    let mut provider = stage.browser();
    let visit = provider.visit(Method::POST, PATH).without("sec-fetch-mode");
    visit.body(kind, body).send().await
}

/// The provider posts a logout token.
async fn logout(stage: &Stage, token: &str) -> Answer {
    post(stage, &format!("logout_token={token}")).await
}

fn token(stage: &Stage, sub: Option<&str>, sid: Option<&str>) -> String {
    stage.provider.logout_token(sub, sid).unwrap()
}

/// The provider's own session, as the ID token names it.
async fn sid(stage: &Stage, browser: &Browser) -> String {
    let session = browser.session(&stage.auth).await.unwrap();
    let token = session.tokens().unwrap().id.unwrap();
    let claims = claims_of(token.expose_secret().split('.').nth(1).unwrap());
    claims["sid"].as_str().unwrap().to_owned()
}

fn claims_of(part: &str) -> Value {
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[track_caller]
fn succeeded(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:#?}");
    assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-store"));
    assert_eq!(answer.body, "");
    assert!(answer.set_cookies().is_empty());
}

#[track_caller]
fn refused(answer: &Answer) {
    answer.refuses(400, "invalid_logout_token", "Invalid logout token");
}

#[tokio::test]
async fn by_sub_all_sessions_of_a_user_end_and_nobody_elses() {
    let stage = stage().await;
    let mut one = stage.browser_of("alice").await;
    let mut two = stage.browser_of("alice").await;
    let mut bob = stage.browser_of("bob").await;
    succeeded(&logout(&stage, &token(&stage, ALICE, None)).await);
    assert_eq!(one.user().await, None);
    assert_eq!(two.user().await, None);
    assert!(bob.user().await.is_some());
}

#[tokio::test]
async fn by_sid_the_sessions_of_one_sign_in_at_the_provider_end_and_no_others() {
    for sub in [None, ALICE] {
        let stage = stage().await;
        let mut one = stage.browser_of("alice").await;
        let mut two = stage.browser_of("alice").await;
        let sid = sid(&stage, &one).await;
        succeeded(&logout(&stage, &token(&stage, sub, Some(&sid))).await);
        assert_eq!(one.user().await, None, "{sub:?}");
        assert!(two.user().await.is_some(), "{sub:?}");
    }
}

#[tokio::test]
async fn by_sid_and_sub_those_of_the_user_end_too_that_know_no_sid() {
    let stage = stage().await;
    let mut named = stage.browser_of("alice").await;
    let mut other = stage.browser_of("alice").await;
    stage
        .provider
        .tamper_id_token(|claims| drop(claims.remove("sid")));
    let mut nameless = stage.browser_of("alice").await;
    let mut bob = stage.browser_of("bob").await;
    stage.provider.stop_tampering();
    let sid = sid(&stage, &named).await;
    succeeded(&logout(&stage, &token(&stage, None, Some("another"))).await);
    assert!(nameless.user().await.is_some());
    succeeded(&logout(&stage, &token(&stage, ALICE, Some(&sid))).await);
    assert_eq!(named.user().await, None);
    assert_eq!(nameless.user().await, None);
    assert!(other.user().await.is_some());
    assert!(bob.user().await.is_some());
    // One that begins after it lives.
    stage.pass(Duration::from_secs(1));
    stage
        .provider
        .tamper_id_token(|claims| drop(claims.remove("sid")));
    let mut again = stage.browser_of("alice").await;
    assert!(again.user().await.is_some());
}

#[tokio::test]
async fn a_session_that_begins_after_it_lives() {
    let stage = stage().await;
    let alice = stage.browser_of("alice").await;
    let sid = sid(&stage, &alice).await;
    succeeded(&logout(&stage, &token(&stage, ALICE, None)).await);
    succeeded(&logout(&stage, &token(&stage, None, Some(&sid))).await);
    stage.pass(Duration::from_secs(1));
    // In the same browser too, where the provider's session is still the same.
    let mut again = alice.clone();
    again.sign_in("alice", None).await;
    assert!(again.user().await.is_some());
    assert!(stage.browser_of("alice").await.user().await.is_some());
}

#[tokio::test]
async fn neither_a_guard_nor_a_refresh_lets_an_ended_session_in() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    let before = stage.provider.calls(Endpoint::Token);
    succeeded(&logout(&stage, &token(&stage, ALICE, None)).await);
    let answer = alice.post("/api/auth/refresh").await;
    answer.refuses(401, "no_session", "No refresh token available");
    let answer = alice.fetch("/admin/dashboard").await;
    answer.refuses(401, "unauthenticated", "Sign-in required");
    assert_eq!(stage.provider.calls(Endpoint::Token), before);
}

#[tokio::test]
async fn a_refresh_under_way_does_not_bring_the_session_back() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    let sid = sid(&stage, &alice).await;
    stage
        .provider
        .delay(Endpoint::Token, Duration::from_millis(200));
    let before = stage.provider.calls(Endpoint::Token);
    let under_way = tokio::spawn(async move {
        let answer = alice.post("/api/auth/refresh").await;
        (answer, alice)
    });
    while stage.provider.calls(Endpoint::Token) == before {
        tokio::task::yield_now().await;
    }
    succeeded(&logout(&stage, &token(&stage, None, Some(&sid))).await);
    let (answer, mut alice) = under_way.await.unwrap();
    answer.refuses(401, "session_ended", "Session ended");
    assert_eq!(alice.user().await, None);
}

#[tokio::test]
async fn a_token_that_comes_again_is_refused_and_ends_nothing() {
    let stage = stage().await;
    let token = token(&stage, ALICE, None);
    succeeded(&logout(&stage, &token).await);
    stage.pass(Duration::from_secs(1));
    let mut alice = stage.browser_of("alice").await;
    let again = logout(&stage, &token).await;
    again.refuses(400, "logout_token_used", "Logout token already used");
    assert!(alice.user().await.is_some());
}

#[tokio::test]
async fn keys_that_are_new_are_fetched() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    stage.provider.rotate_keys().unwrap();
    stage.pass(Duration::from_secs(11));
    succeeded(&logout(&stage, &token(&stage, ALICE, None)).await);
    assert_eq!(alice.user().await, None);
}

#[tokio::test]
async fn the_audit_log_is_told() {
    use std::sync::Mutex;

    static HEARD: Mutex<Vec<(Option<String>, Option<String>)>> = Mutex::new(Vec::new());
    fn hear(event: &Event<'_>) {
        if let Event::BackchannelLogout {
            user_id,
            provider_session,
            ..
        } = event
        {
            let heard = (
                user_id.map(str::to_owned),
                provider_session.map(str::to_owned),
            );
            HEARD.lock().unwrap().push(heard);
        }
    }
    static HEARING: Spec = spec(SpecParts {
        on_event: Some(&hear),
        ..*parts(&ENABLED)
    });
    let stage = Stage::builder().spec(&HEARING).start().await;
    succeeded(&logout(&stage, &token(&stage, ALICE, None)).await);
    succeeded(&logout(&stage, &token(&stage, None, Some("s"))).await);
    let alice = ALICE.map(str::to_owned);
    let expected = [(alice, None), (None, Some("s".to_owned()))];
    assert_eq!(*HEARD.lock().unwrap(), expected);
}

mod refusals {
    use super::*;

    /// What a change to the claims of a good token comes to; Alice has to stay signed in.
    async fn with(change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) -> Answer {
        let stage = stage().await;
        stage.provider.tamper_logout_token(change);
        keeps_alice(&stage).await
    }

    async fn keeps_alice(stage: &Stage) -> Answer {
        let mut alice = stage.browser_of("alice").await;
        let answer = logout(stage, &token(stage, ALICE, None)).await;
        assert!(alice.user().await.is_some());
        answer
    }

    fn set(name: &'static str, value: Value) -> impl Fn(&mut Map<String, Value>) + Send + Sync {
        move |claims| drop(claims.insert(name.to_owned(), value.clone()))
    }

    #[tokio::test]
    async fn another_issuer() {
        refused(&with(set("iss", json!("https://evil.example"))).await);
    }

    #[tokio::test]
    async fn another_audience() {
        refused(&with(set("aud", json!("other"))).await);
    }

    #[tokio::test]
    async fn a_nonce() {
        refused(&with(set("nonce", json!("n"))).await);
    }

    #[tokio::test]
    async fn no_event() {
        refused(&with(set("events", json!({}))).await);
    }

    #[tokio::test]
    async fn run_out_or_of_the_future_or_old() {
        refused(&with(set("exp", json!(1))).await);
        refused(&with(set("iat", json!(9_999_999_999_u64))).await);
        refused(&with(set("iat", json!(1))).await);
    }

    #[tokio::test]
    async fn a_claim_that_is_missing() {
        for claim in ["iss", "aud", "iat", "jti", "events", "sub"] {
            refused(&with(|claims| drop(claims.remove(claim))).await);
        }
    }

    #[tokio::test]
    async fn another_type() {
        let stage = stage().await;
        stage
            .provider
            .tamper_logout_token_header(set("typ", json!("at+jwt")));
        refused(&keeps_alice(&stage).await);
    }

    #[tokio::test]
    async fn another_key() {
        let stage = stage().await;
        stage
            .provider
            .tamper_logout_token_header(set("kid", json!("unheard-of")));
        refused(&keeps_alice(&stage).await);
    }

    #[tokio::test]
    async fn an_algorithm_that_is_none() {
        let stage = stage().await;
        stage
            .provider
            .tamper_logout_token_header(set("alg", json!("none")));
        refused(&keeps_alice(&stage).await);
        stage
            .provider
            .tamper_logout_token_header(set("alg", json!("HS256")));
        refused(&keeps_alice(&stage).await);
    }

    #[tokio::test]
    async fn a_claim_changed_after_it_was_signed() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        let good = token(&stage, Some("authsafe|bob"), None);
        let mut parts: Vec<&str> = good.split('.').collect();
        let mut claims = claims_of(parts[1]);
        claims["sub"] = json!("authsafe|alice");
        let changed = base64_simd::URL_SAFE_NO_PAD.encode_to_string(claims.to_string());
        parts[1] = &changed;
        refused(&logout(&stage, &parts.join(".")).await);
        assert!(alice.user().await.is_some());
    }

    #[tokio::test]
    async fn an_id_token_or_an_access_token() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        let session = alice.session(&stage.auth).await.unwrap();
        let tokens = session.tokens().unwrap();
        refused(&logout(&stage, tokens.id.unwrap().expose_secret()).await);
        refused(&logout(&stage, tokens.access.expose_secret()).await);
        assert!(alice.user().await.is_some());
    }

    #[tokio::test]
    async fn what_is_no_token() {
        for garbage in ["x", "a.b.c", "%00", "%F0%9F%A6%80"] {
            refused(&logout(&stage().await, garbage).await);
        }
    }

    #[tokio::test]
    async fn a_body_that_is_no_form_with_one_token() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        let good = || format!("logout_token={}", token(&stage, ALICE, None));
        let twice = format!("{}&{}", good(), good());
        let long = format!("{}&more={}", good(), "x".repeat(64 * 1024));
        for (kind, body) in [
            (FORM, String::new()),
            (FORM, "token=x".to_owned()),
            (FORM, twice),
            (FORM, long),
            ("application/json", good()),
            ("text/plain", good()),
        ] {
            let answer = post_as(&stage, kind, &body).await;
            let sentence = "Expected a form with one logout_token";
            answer.refuses(400, "invalid_request", sentence);
        }
        assert!(alice.user().await.is_some());
    }

    #[tokio::test]
    async fn what_else_is_in_the_form_is_ignored() {
        let stage = stage().await;
        let body = format!("a=1&logout_token={}&b=2", token(&stage, ALICE, None));
        let kind = "Application/X-WWW-Form-Urlencoded; charset=utf-8";
        succeeded(&post_as(&stage, kind, &body).await);
    }

    #[tokio::test]
    async fn while_the_keys_cannot_be_had() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        stage.provider.rotate_keys().unwrap();
        stage.pass(Duration::from_secs(11));
        let down = http::StatusCode::SERVICE_UNAVAILABLE;
        stage.provider.answer_next(Endpoint::Jwks, down, "");
        let token = token(&stage, ALICE, None);
        let answer = logout(&stage, &token).await;
        answer.refuses(
            400,
            "keys_unavailable",
            "Logout token cannot be checked now",
        );
        assert!(alice.user().await.is_some());
    }
}

#[tokio::test]
async fn the_endpoint_is_there_only_where_it_is_asked_for() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let answer = logout(&stage, &token(&stage, ALICE, None)).await;
    assert_eq!(answer.status, 404);
    assert!(alice.user().await.is_some());
}

#[tokio::test]
async fn its_one_method_is_post() {
    let stage = stage().await;
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT] {
        let answer = stage.browser().visit(method, PATH).send().await;
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header(header::ALLOW), Some("POST"));
    }
}

mod machines {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use authsafe::store::{SharedState, StateError, StateFuture};

    use super::*;

    /// The provider's call, made to one machine.
    async fn call(machine: &Auth, token: &str) -> authsafe::Response {
        let request = Request::post(PATH).header(header::CONTENT_TYPE, FORM);
        let (request, ()) = request.body(()).unwrap().into_parts();
        let body = format!("logout_token={token}");
        machine.backchannel_logout(&request, body.as_bytes()).await
    }

    async fn two_machines(stage: &Stage) -> [Auth; 2] {
        let state = Memory::default();
        [
            stage.again().await.with_shared_state(state.clone()),
            stage.again().await.with_shared_state(state),
        ]
    }

    #[tokio::test]
    async fn what_the_provider_told_one_machine_all_know() {
        let stage = stage().await;
        let [one, two] = two_machines(&stage).await;
        let alice = stage.browser_of("alice").await;
        let other = stage.browser_of("alice").await;
        let bob = stage.browser_of("bob").await;
        let refresh = async |browser: &Browser| {
            let parts = browser.request(Method::POST, "/api/auth/refresh");
            two.refresh(&parts).await.status().as_u16()
        };
        let by_sid = token(&stage, None, Some(&sid(&stage, &alice).await));
        assert_eq!(call(&one, &by_sid).await.status(), 200);
        assert_eq!([refresh(&alice).await, refresh(&other).await], [401, 200]);
        let by_sub = token(&stage, ALICE, None);
        assert_eq!(call(&one, &by_sub).await.status(), 200);
        assert_eq!([refresh(&other).await, refresh(&bob).await], [401, 200]);
    }

    #[tokio::test]
    async fn by_sid_and_sub_all_know_of_the_sessions_without_a_sid() {
        let stage = stage().await;
        let [one, two] = two_machines(&stage).await;
        stage
            .provider
            .tamper_id_token(|claims| drop(claims.remove("sid")));
        let alice = stage.browser_of("alice").await;
        let bob = stage.browser_of("bob").await;
        let refresh = async |browser: &Browser| {
            let parts = browser.request(Method::POST, "/api/auth/refresh");
            two.refresh(&parts).await.status().as_u16()
        };
        let other = token(&stage, None, Some("s"));
        assert_eq!(call(&one, &other).await.status(), 200);
        let by_both = token(&stage, ALICE, Some("s"));
        assert_eq!(call(&one, &by_both).await.status(), 200);
        assert_eq!([refresh(&alice).await, refresh(&bob).await], [401, 200]);
    }

    #[tokio::test]
    async fn a_token_is_good_for_one_of_them() {
        let stage = stage().await;
        let [one, two] = two_machines(&stage).await;
        let token = token(&stage, ALICE, None);
        assert_eq!(call(&one, &token).await.status(), 200);
        let again = call(&two, &token).await;
        assert_eq!(again.status(), 400);
        let body = String::from_utf8(again.into_body().to_vec()).unwrap();
        assert!(body.contains("logout_token_used"), "{body}");
    }

    /// A shared state whose next write fails.
    #[derive(Debug, Clone, Default)]
    struct FailsOnce {
        state: Memory,
        has_failed: Arc<AtomicBool>,
    }

    impl SharedState for FailsOnce {
        as_in_memory!(get put_new remove_if count);

        fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
            match self.has_failed.swap(true, Ordering::Relaxed) {
                true => self.state.put(key, value, ttl),
                false => Box::pin(async { Err(StateError::new("a passing failure")) }),
            }
        }
    }

    #[tokio::test]
    async fn a_logout_that_failed_may_come_again_and_then_ends_the_sessions() {
        let stage = stage().await;
        let alice = stage.browser_of("alice").await;
        let state = FailsOnce::default();
        let one = stage.again().await.with_shared_state(state.clone());
        let two = stage.again().await.with_shared_state(state);
        let token = token(&stage, ALICE, None);
        assert_eq!(call(&one, &token).await.status(), 400);
        assert_eq!(call(&one, &token).await.status(), 200);
        let parts = alice.request(Method::POST, "/api/auth/refresh");
        assert_eq!(two.refresh(&parts).await.status(), 401);
    }

    #[tokio::test]
    async fn where_the_others_cannot_be_told_the_provider_is_and_this_one_knows() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        let _ = stage.auth.clone().with_shared_state(Down);
        let answer = logout(&stage, &token(&stage, ALICE, None)).await;
        let sentence = "Sessions cannot be ended everywhere now";
        answer.refuses(400, "state_unavailable", sentence);
        assert_eq!(alice.user().await, None);
    }
}

#[tokio::test]
async fn axum_actix_and_hyper_answer_alike() {
    let setup = Setup {
        spec: &ENABLED,
        ..Setup::default()
    };
    let tale = alike_in(setup, async |peer, tale: &mut Tale| {
        let mut alice = peer.browser_of("alice").await;
        let token = peer.provider.logout_token(ALICE, None).unwrap();
        let post = async |body: &str| {
            let mut provider = peer.browser();
            let visit = provider.visit(Method::POST, PATH);
            visit.body(FORM, body).send().await
        };
        let long = format!("logout_token={token}&more={}", "x".repeat(64 * 1024));
        let good = format!("logout_token={token}");
        for body in [&long, "", &good, &good] {
            tale.tell("logout", &post(body).await);
        }
        tale.tell("me", &alice.fetch("/me").await);
        tale.tell("GET", &peer.browser().fetch(PATH).await);
        // Within the second of the logout.
        let mut again = peer.browser_of("alice").await;
        tale.tell("again", &again.fetch("/me").await);
        tale.tell("before", &alice.fetch("/me").await);
    })
    .await;
    let statuses: Vec<_> = tale
        .iter()
        .map(|it| &it[..it.find('\n').unwrap()])
        .collect();
    let logout = |status| format!("logout: {status}");
    let expected = [400, 400, 200, 400].map(logout);
    assert_eq!(statuses[..4], expected);
    let then = ["me: 401", "GET: 405", "again: 200", "before: 401"];
    assert_eq!(statuses[4..], then);
}

#[tokio::test]
async fn sessions_without_a_sid_end_alike_on_all_frameworks() {
    let setup = Setup {
        spec: &ENABLED,
        ..Setup::default()
    };
    let tale = alike_in(setup, async |peer, tale: &mut Tale| {
        let provider = &peer.provider;
        provider.tamper_id_token(|claims| drop(claims.remove("sid")));
        let mut alice = peer.browser_of("alice").await;
        for sub in [None, ALICE] {
            let token = provider.logout_token(sub, Some("s")).unwrap();
            let body = format!("logout_token={token}");
            let mut caller = peer.browser();
            let visit = caller.visit(Method::POST, PATH).body(FORM, &body);
            tale.tell("logout", &visit.send().await);
            tale.tell("me", &alice.fetch("/me").await);
        }
    })
    .await;
    let statuses = tale.iter().map(|it| &it[..it.find('\n').unwrap()]);
    let expected = ["logout: 200", "me: 200", "logout: 200", "me: 401"];
    assert_eq!(statuses.collect::<Vec<_>>(), expected);
}

/// `authsafe|alice` and `alice`: one at AuthSafe, two at any other provider.
#[tokio::test]
async fn two_spellings_are_one_user_at_authsafe_alone() {
    static AUTHSAFES: Spec = spec(SpecParts {
        endpoints: authsafe::__private::Endpoints {
            authsafe: true,
            ..authsafe::__private::Endpoints::DEFAULT
        },
        ..*parts(&AN_API_TOO)
    });
    static AN_API_TOO: Spec = spec(SpecParts {
        bearer: Some(authsafe::__private::BearerSpec::new(
            authsafe::__private::Setting::Literal("https://api.example.com"),
        )),
        ..*parts(&ENABLED)
    });
    fn is_spelt(sub: &'static str) -> impl Fn(&mut Map<String, Value>) + Send + Sync {
        move |claims| drop(claims.insert("sub".to_owned(), json!(sub)))
    }
    let story = async |peer: &Peer, tale: &mut Tale| {
        let provider = &peer.provider;
        // The access token beside the ID token: another user's grants nothing, and refuses nothing.
        provider.tamper_access_token(is_spelt("alice"));
        tale.tell("callback", &peer.browser().callback("alice").await);
        provider.stop_tampering();
        // The ID token of a refresh.
        let mut alice = peer.browser_of("alice").await;
        provider.tamper_id_token(is_spelt("alice"));
        tale.tell("refresh", &alice.post("/api/auth/refresh").await);
        provider.stop_tampering();
        // A logout, of a session and of a bearer token.
        let mut alice = peer.browser_of("alice").await;
        let bearer = provider.access_token("alice", "https://api.example.com", &[]);
        let bearer = format!("Bearer {}", bearer.unwrap());
        peer.pass(Duration::from_secs(60));
        let token = provider.logout_token(Some("alice"), None).unwrap();
        let body = format!("logout_token={token}");
        let mut caller = peer.browser();
        let visit = caller.visit(Method::POST, PATH).body(FORM, &body);
        assert_eq!(visit.send().await.status, 200);
        tale.tell("session", &alice.fetch("/me").await);
        let mut client = peer.browser();
        let visit = client.visit(Method::GET, "/dashboard");
        let answer = visit.header("authorization", &bearer).send().await;
        tale.tell("bearer", &answer);
    };
    let told = async |spec| {
        let setup = Setup {
            spec,
            ..Setup::default()
        };
        let tale = alike_in(setup, &story).await;
        let lines = tale.iter().map(|it| it.lines().next().unwrap().to_owned());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(
        told(&AUTHSAFES).await,
        [
            "callback: 303",
            "refresh: 200",
            "session: 401",
            "bearer: 401"
        ]
    );
    assert_eq!(
        told(&AN_API_TOO).await,
        [
            "callback: 303",
            "refresh: 502",
            "session: 200",
            "bearer: 200"
        ]
    );
}
