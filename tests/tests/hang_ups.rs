//! Callers that go away before they are answered: what was begun is done all the same, and nothing is
//! marked as done that is not.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authsafe::__private::{Paths, SharedStateSpec, SpecParts, parts, spec};
use authsafe::dev::Endpoint;
use authsafe::store::{Memory, SharedState, StateError, StateFuture};
use authsafe::{Auth, Spec};
use authsafe_tests::peers::{Setup, Tale, alike, alike_in};
use authsafe_tests::{Answer, Browser, Stage, as_in_memory, auth, eventually};
use http::request::Parts;
use http::{Method, Request, header};
use tokio::time::timeout;

const LOGOUT: &str = "/api/auth/backchannel-logout";
const FORM: &str = "application/x-www-form-urlencoded";
const ALICE: Option<&str> = Some("authsafe|alice");
/// How slow it is whatever a caller does not wait for.
const SLOW: Duration = Duration::from_millis(300);

static ENABLED: Spec = spec(SpecParts {
    paths: Paths {
        backchannel_logout: Some("backchannel-logout"),
        ..Paths::DEFAULT
    },
    ..*parts(auth::SPEC)
});

/// A caller that hangs up as soon as this has been reached.
async fn hang_up(call: impl Future<Output = Answer>, reached: impl FnMut() -> bool) {
    tokio::select! {
        answer = call => panic!("it is answered too soon: {answer:#?}"),
        () = eventually("what the call is to reach", reached) => {}
    }
}

#[tokio::test]
async fn a_provider_that_hangs_up_has_signed_the_user_out_on_axum_actix_and_hyper() {
    let setup = Setup {
        spec: &ENABLED,
        ..Setup::default()
    };
    alike_in(setup, async |peer, tale: &mut Tale| {
        let mut alice = peer.browser_of("alice").await;
        // It is signed with a key that is not known yet.
        peer.provider.rotate_keys().unwrap();
        peer.pass(Duration::from_secs(11));
        let token = peer.provider.logout_token(ALICE, None).unwrap();
        let form = format!("logout_token={token}");
        let before = peer.provider.calls(Endpoint::Jwks);
        peer.provider.delay(Endpoint::Jwks, SLOW);
        let mut provider = peer.browser();
        let call = provider.visit(Method::POST, LOGOUT).body(FORM, &form);
        let fetched = || peer.provider.calls(Endpoint::Jwks) > before;
        hang_up(call.send(), fetched).await;
        tokio::time::sleep(3 * SLOW).await;
        tale.tell("me", &alice.fetch("/me").await);
        let again = provider.visit(Method::POST, LOGOUT).body(FORM, &form);
        tale.tell("again", &again.send().await);
        assert_eq!(alice.fetch("/me").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn a_callback_that_nobody_waits_for_comes_to_its_end_on_axum_actix_and_hyper() {
    alike(async |peer, tale: &mut Tale| {
        let mut alice = peer.browser_of("alice").await;
        let mut before = alice.clone();
        let started = alice.start(None).await;
        let callback = alice.choose("alice", &started).await.next();
        peer.provider.delay(Endpoint::Token, SLOW);
        let exchanged = || peer.provider.calls(Endpoint::Token) == 2;
        hang_up(alice.open(callback.as_str()), exchanged).await;
        // It has begun: it is refused while it is under way, and afterwards.
        tale.tell("meanwhile", &alice.clone().open(callback.as_str()).await);
        // The session that it replaces ends; that is asked again and again.
        let ended = async {
            while before.clone().fetch("/me").await.status != 401 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(10 * SLOW, ended).await.unwrap();
        tale.tell("before", &before.fetch("/me").await);
        tale.tell("afterwards", &alice.open(callback.as_str()).await);
        assert_eq!(before.fetch("/me").await.status, 401);
        // And its tokens stay: they may be of one grant with the new ones.
        assert_eq!(peer.provider.calls(Endpoint::Revoke), 0);
    })
    .await;
}

/// A shared state whose writes take a while, and which may fail at the next one.
#[derive(Debug, Clone, Default)]
struct Slow {
    state: Memory,
    fails: Arc<AtomicBool>,
    written: Arc<Mutex<Vec<Written>>>,
}

#[derive(Debug)]
struct Written {
    key: String,
    ttl: Duration,
}

impl Slow {
    /// Which keys of this kind were written, for how many seconds.
    fn written(&self, kind: &str) -> Vec<u64> {
        let written = self.written.lock().unwrap();
        let written = written.iter().filter(|it| it.key.contains(kind));
        written.map(|it| it.ttl.as_secs()).collect()
    }

    fn note(&self, key: &str, ttl: Duration) {
        let key = key.to_owned();
        self.written.lock().unwrap().push(Written { key, ttl });
    }

    /// `true`, once, where it is to fail.
    fn fails(&self) -> bool {
        self.fails.swap(false, Ordering::Relaxed)
    }
}

impl SharedState for Slow {
    as_in_memory!(get remove_if count);

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        Box::pin(async move {
            self.note(key, ttl);
            tokio::time::sleep(SLOW).await;
            self.state.put(key, value, ttl).await
        })
    }
    fn put_new<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        if key.contains("used:") && self.fails() {
            return Box::pin(async { Err(StateError::new("a passing failure")) });
        }
        self.note(key, ttl);
        self.state.put_new(key, value, ttl)
    }
}

/// Two machines that share a slow state, and a browser in which Alice is signed in.
async fn two_machines(spec: &'static Spec) -> (Stage, [Auth; 2], Browser, Slow) {
    let stage = Stage::builder().spec(spec).start().await;
    let alice = stage.browser_of("alice").await;
    let state = Slow::default();
    let machines = [
        stage.again().await.with_shared_state(state.clone()),
        stage.again().await.with_shared_state(state.clone()),
    ];
    (stage, machines, alice, state)
}

/// The caller goes away while the shared state is written to.
async fn abandoned<T>(state: &Slow, call: impl Future<Output = T>) {
    tokio::select! {
        _ = call => panic!("it is done too soon"),
        () = eventually("a write", || !state.written("ended:").is_empty()) => {}
    }
    tokio::time::sleep(3 * SLOW).await;
}

async fn call(machine: &Auth, token: &str) -> u16 {
    let request = Request::post(LOGOUT).header(header::CONTENT_TYPE, FORM);
    let (request, ()) = request.body(()).unwrap().into_parts();
    let body = format!("logout_token={token}");
    let answer = machine.backchannel_logout(&request, body.as_bytes()).await;
    answer.status().as_u16()
}

#[tokio::test]
async fn the_other_machines_are_told_of_a_back_channel_logout_whose_caller_hangs_up() {
    let (stage, [one, two], alice, state) = two_machines(&ENABLED).await;
    let token = stage.provider.logout_token(ALICE, None).unwrap();
    abandoned(&state, call(&one, &token)).await;
    assert!(alice.session(&two).await.is_none());
    assert_eq!(call(&two, &token).await, 400);
}

#[tokio::test]
async fn a_logout_token_is_used_for_good_only_once_it_has_ended_the_sessions() {
    let (stage, [one, two], _, state) = two_machines(&ENABLED).await;
    let token = stage.provider.logout_token(ALICE, None).unwrap();
    let first = tokio::spawn({
        let (one, token) = (one.clone(), token.clone());
        async move { call(&one, &token).await }
    });
    eventually("the end of the sessions", || {
        !state.written("ended:").is_empty()
    })
    .await;
    // Meanwhile it is refused, everywhere; should this machine die now, not for long.
    let under_way = state.written("used:logout:");
    assert!(matches!(under_way[..], [1..=30]), "{under_way:?}");
    assert_eq!(call(&one, &token).await, 400);
    assert_eq!(call(&two, &token).await, 400);
    assert_eq!(first.await.unwrap(), 200);
    let used = state.written("used:logout:");
    assert!(used.last() >= Some(&3600), "{used:?}");
    assert_eq!(call(&two, &token).await, 400);
}

#[tokio::test]
async fn an_administrator_who_goes_away_has_ended_the_sessions_everywhere() {
    for by_user in [true, false] {
        let (_stage, [one, two], alice, state) = two_machines(auth::SPEC).await;
        let session = alice.session(&one).await.unwrap();
        match by_user {
            true => abandoned(&state, one.revoke_user(session.user().id())).await,
            false => abandoned(&state, one.revoke_session(session.id())).await,
        }
        assert!(alice.session(&two).await.is_none(), "{by_user}");
    }
}

#[tokio::test]
async fn a_session_that_the_provider_has_ended_ends_everywhere_whoever_waits_for_it() {
    let (stage, [_, two], _, state) = two_machines(auth::SPEC).await;
    let _ = stage.auth.clone().with_shared_state(state.clone());
    let minutes = |n: u64| Duration::from_secs(n * 60);
    stage.provider.set_access_token_lifetime(minutes(5));
    let alice = stage.browser_of("alice").await;
    // A refresh is due, and the provider refuses it.
    stage.pass(minutes(4));
    stage.provider.revoke_all();
    let mut tab = alice.clone();
    abandoned(&state, tab.fetch("/me")).await;
    assert!(alice.session(&two).await.is_none());
}

/// A callback of Alice's, as her browser comes with it.
async fn callback(stage: &Stage) -> Parts {
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    let back = browser.choose("alice", &started).await;
    browser.request(Method::GET, back.location())
}

/// A callback that could not begin: the browser that reloads it has still what it needs.
fn leaves_the_cookie<B>(answer: &http::Response<B>) {
    assert_eq!(answer.status(), 503);
    assert!(!answer.headers().contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn a_callback_that_could_not_begin_may_come_again() {
    static FAIL_CLOSED: Spec = spec(SpecParts {
        shared_state: SharedStateSpec {
            fail_closed: true,
            ..SharedStateSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    let (stage, [one, two], _, state) = two_machines(&FAIL_CLOSED).await;
    let request = callback(&stage).await;
    state.fails.store(true, Ordering::Relaxed);
    leaves_the_cookie(&one.callback(&request).await);
    assert_eq!(one.callback(&request).await.status(), 303);
    for machine in [one, two] {
        assert_eq!(machine.callback(&request).await.status(), 400);
    }
}

#[tokio::test]
async fn a_callback_whose_code_was_not_sent_may_come_again() {
    let stage = Stage::new().await;
    let request = callback(&stage).await;
    // A machine that has never reached the provider.
    for _ in 0..2 {
        let down = http::StatusCode::SERVICE_UNAVAILABLE;
        stage.provider.answer_next(Endpoint::Discovery, down, "");
    }
    let state = Slow::default();
    let machine = stage.again().await.with_shared_state(state);
    leaves_the_cookie(&machine.callback(&request).await);
    assert_eq!(machine.callback(&request).await.status(), 303);
    let late = machine.callback(&request).await;
    assert_eq!(late.status(), 400);
    assert!(late.headers().contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn what_an_app_does_at_a_sign_in_is_done_to_the_end() {
    static DONE: AtomicBool = AtomicBool::new(false);
    let stage = Stage::new().await;
    let machine = stage.again().await.on_sign_in(async |new| {
        tokio::time::sleep(SLOW).await;
        DONE.store(true, Ordering::Relaxed);
        Ok(new)
    });
    let request = callback(&stage).await;
    let answer = timeout(SLOW / 2, machine.callback(&request)).await;
    assert!(answer.is_err());
    eventually("the end of the hook", || DONE.load(Ordering::Relaxed)).await;
}
