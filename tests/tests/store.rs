//! Sessions in a store: what the cookie is then, what the store holds, and what ends them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authsafe::__private::{
    SecretSetting, SessionSpec, SharedStateSpec, SpecParts, StoreSpec, parts, spec,
};
use authsafe::dev::Endpoint;
use authsafe::store::{Memory, Redis, SessionStore, StateError, StateFuture};
use authsafe::{Auth, Session, SessionData, Spec};
use authsafe_tests::peers::{Framework, Setup, Tale, alike_in};
use authsafe_tests::{
    Answer, Browser, COOKIE_SECRET, Door, RedisServer, Stage, app, auth, is_a_session_store,
};
use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::json;
use tokio::task::JoinSet;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn memory_is_a_session_store() {
    is_a_session_store(&Memory::default()).await;
}

#[tokio::test]
async fn redis_is_a_session_store() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    is_a_session_store(&Redis::new(&server.url(), "test:").unwrap()).await;
}

/// A store in memory that can be made to fail, and that tells what is in it.
#[derive(Debug, Clone, Default)]
struct Watched {
    memory: Memory,
    /// How many saves fail from now on.
    failing_saves: std::sync::Arc<AtomicUsize>,
    trouble: std::sync::Arc<std::sync::Mutex<Option<Trouble>>>,
    keys: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
    calls: std::sync::Arc<AtomicUsize>,
}

/// What may be wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Down,
    /// It never answers.
    Silent,
    /// Whatever writes takes a while.
    Slow,
    /// As [`Slow`](Self::Slow), as a store on another machine is.
    Distant,
    /// Sessions cannot be read.
    Unreadable,
    /// Nobody gets a lock.
    NoLocks,
}

/// What a key is of: it follows the hash of the app.
fn kind(key: &str) -> &str {
    key.split(':').nth(1).unwrap_or_default()
}

fn is_session(key: &str) -> bool {
    kind(key) == "session"
}

impl Watched {
    /// A call in trouble, or else the one in memory.
    fn call<'a, T: 'a>(
        &'a self,
        name: &'static str,
        key: &'a str,
        call: impl FnOnce() -> StateFuture<'a, T> + Send + 'a,
    ) -> StateFuture<'a, T> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let fail = Box::pin(async { Err(StateError::new("it is down")) });
        match *self.trouble.lock().unwrap() {
            Some(Trouble::Down) => fail,
            Some(Trouble::Silent) => Box::pin(std::future::pending()),
            Some(Trouble::Slow) if name != "load" => Box::pin(async {
                tokio::time::sleep(Duration::from_millis(200)).await;
                call().await
            }),
            Some(Trouble::Distant) if name != "load" => Box::pin(async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                call().await
            }),
            Some(Trouble::Unreadable) if name == "load" && is_session(key) => fail,
            Some(Trouble::NoLocks) if kind(key) == "writing" => fail,
            _ => call(),
        }
    }

    fn is_in(&self, trouble: impl Into<Option<Trouble>>) {
        *self.trouble.lock().unwrap() = trouble.into();
    }

    fn goes_down(&self, down: bool) {
        self.is_in(down.then_some(Trouble::Down));
    }

    /// Where the sessions lie that have been created, the last one last.
    fn sessions(&self) -> Vec<String> {
        self.keys.lock().unwrap().clone()
    }

    async fn record(&self, key: &str) -> Option<String> {
        let record = SessionStore::load(&self.memory, key).await.unwrap();
        record.map(|it| String::from_utf8(it).unwrap())
    }
}

impl SessionStore for Watched {
    fn create<'a>(&'a self, key: &'a str, it: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        if is_session(key) {
            self.keys.lock().unwrap().push(key.to_owned());
        }
        self.call("create", key, move || self.memory.create(key, it, ttl))
    }
    fn load<'a>(&'a self, key: &'a str) -> StateFuture<'a, Option<Vec<u8>>> {
        self.call("load", key, move || self.memory.load(key))
    }
    fn save<'a>(&'a self, key: &'a str, it: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        let fail = |left: usize| left.checked_sub(1);
        let fails = is_session(key)
            && self
                .failing_saves
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fail)
                .is_ok();
        if fails {
            return Box::pin(async { Err(StateError::new("it cannot write")) });
        }
        self.call("save", key, move || self.memory.save(key, it, ttl))
    }
    fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()> {
        self.call("delete", key, move || self.memory.delete(key))
    }
}

/// A spec whose sessions are in a store of one test alone, and that store.
fn watched(spec: &'static Spec) -> (&'static Spec, Watched) {
    let store = Watched::default();
    let opened = store.clone();
    let open = move || {
        let store = opened.clone();
        async move { Ok::<_, Infallible>(store) }
    };
    (stored(spec, Box::leak(Box::new(open))), store)
}

fn stored(of: &Spec, source: &'static dyn authsafe::store::StoreSource) -> &'static Spec {
    Box::leak(Box::new(spec(SpecParts {
        session: SessionSpec {
            store: StoreSpec::Custom(source),
            ..parts(of).session
        },
        ..*parts(of)
    })))
}

fn in_redis(fail_closed: bool) -> &'static Spec {
    Box::leak(Box::new(spec(SpecParts {
        session: SessionSpec {
            store: StoreSpec::Redis,
            ..parts(auth::SPEC).session
        },
        shared_state: SharedStateSpec {
            redis: SecretSetting::Env { name: "REDIS_URL" },
            fail_closed,
            ..SharedStateSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    })))
}

static IDLE: Spec = spec(SpecParts {
    session: SessionSpec {
        idle: Some(Duration::from_secs(600)),
        ..SessionSpec::DEFAULT
    },
    ..*parts(auth::SPEC)
});

async fn set(data: SessionData, Path(name): Path<String>) {
    data.set(&name, &"kept").unwrap();
}

async fn set_large(data: SessionData) {
    data.set("large", &"x".repeat(20_000)).unwrap();
}

async fn slow_set(data: SessionData, Extension(door): Extension<Door>) {
    data.set("slow", &"kept").unwrap();
    door.wait().await;
}

async fn kept(session: Session, Path(name): Path<String>) -> String {
    let kept: Option<String> = session.get(&name);
    kept.map_or(0, |it| it.len()).to_string()
}

fn pages() -> Router {
    app::pages()
        .route("/set/{name}", post(set))
        .route("/set_large", post(set_large))
        .route("/slow_set", post(slow_set))
        .route("/kept/{name}", get(kept))
}

async fn stage_of(spec: &'static Spec) -> Stage {
    let stage = Stage::builder().spec(spec).pages(pages()).start().await;
    stage.provider.set_access_token_lifetime(5 * MINUTE);
    stage
}

/// A stage on which Alice is signed in, in a store that is watched.
async fn alice() -> (Stage, Browser, Watched) {
    let (spec, store) = watched(auth::SPEC);
    let stage = stage_of(spec).await;
    let alice = stage.browser_of("alice").await;
    (stage, alice, store)
}

#[track_caller]
fn is_unavailable(answer: &Answer) {
    answer.refuses(503, "state_unavailable", "Sessions cannot be checked now");
}

mod the_cookie {
    use super::*;

    #[tokio::test]
    async fn is_small_and_stays_as_it_is_while_tokens_and_data_change() {
        let (stage, mut alice, _) = alice().await;
        let cookie = alice.cookie("authsafe").unwrap();
        assert!(cookie.len() < 150, "{}", cookie.len());
        alice.post("/set/color").await;
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
        stage.pass(5 * MINUTE);
        assert_eq!(alice.fetch("/me").await.status, 200);
        assert_eq!(alice.cookie("authsafe").unwrap(), cookie);
        assert_eq!(alice.fetch("/kept/color").await.body, "4");
        assert_eq!(stage.provider.calls(Endpoint::Token), 3);
    }

    #[tokio::test]
    async fn changes_at_every_sign_in_and_the_one_that_came_in_is_over() {
        let (stage, mut alice, store) = alice().await;
        let mut before = alice.clone();
        let id = alice.session(&stage.auth).await.unwrap().id();
        alice.sign_in("alice", None).await;
        assert_ne!(alice.cookie("authsafe"), before.cookie("authsafe"));
        assert_ne!(alice.session(&stage.auth).await.unwrap().id(), id);
        let [old, new] = store.sessions().try_into().unwrap();
        assert!(store.record(&old).await.is_none());
        assert!(store.record(&new).await.is_some());
        assert_eq!(before.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn of_a_session_that_has_run_out_is_over_too_when_somebody_signs_in() {
        let (spec, store) = watched(&IDLE);
        let stage = stage_of(spec).await;
        let mut alice = stage.browser_of("alice").await;
        stage.pass(11 * MINUTE);
        alice.sign_in("bob", None).await;
        assert!(store.record(&store.sessions()[0]).await.is_none());
    }

    #[tokio::test]
    async fn changes_when_what_the_user_may_do_changes() {
        let (stage, mut alice, _) = alice().await;
        let mut late = alice.clone();
        let before = alice.session(&stage.auth).await.unwrap();
        stage.provider.tamper_access_token(|claims| {
            claims.insert("roles".to_owned(), json!(["chief"]));
        });
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
        assert_ne!(alice.cookie("authsafe"), late.cookie("authsafe"));
        let after = alice.session(&stage.auth).await.unwrap();
        assert!(after.has_role("chief") && !before.has_role("chief"));
        // An administrator ends it by the same id.
        assert_eq!(after.id(), before.id());

        // For five minutes whoever comes with the cookie from before is led on: here,
        stage.pass(5 * MINUTE);
        let elsewhere = stage.again().await;
        assert!(late.session(&elsewhere).await.unwrap().has_role("chief"));
        let mut tab = late.clone();
        assert!(tab.fetch("/me").await.makes_a_session());
        assert!(tab.session(&stage.auth).await.unwrap().has_role("chief"));
        // and then no longer.
        stage.pass(Duration::from_secs(1));
        assert_eq!(late.fetch("/me").await.status, 401);
        assert!(late.session(&elsewhere).await.is_none());
        assert_eq!(alice.fetch("/me").await.status, 200);
        assert_eq!(tab.fetch("/me").await.status, 200);
    }

    #[tokio::test]
    async fn is_none_where_there_are_two_of_two_sessions_and_both_end_with_them() {
        let (stage, mut alice, store) = alice().await;
        let bob = stage.browser_of("bob").await.cookie("authsafe").unwrap();
        alice.inject("authsafe", "/me", "rubbish");
        assert_eq!(alice.fetch("/me").await.status, 200);
        for path in ["/me", "/api"] {
            alice.inject("authsafe", path, &bob);
        }
        assert_eq!(alice.fetch("/me").await.status, 401);
        let answer = alice.post("/api/auth/logout").await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
        for key in store.sessions() {
            assert!(store.record(&key).await.is_none());
        }
        // What was planted is over: whoever signs in has but one.
        alice.sign_in("alice", None).await;
        assert_eq!(alice.fetch("/me").await.status, 200);
    }

    #[tokio::test]
    async fn is_none_where_there_are_two_and_the_sign_in_that_replaces_them_ends_both() {
        let (stage, mut alice, store) = alice().await;
        let bob = stage.browser_of("bob").await.cookie("authsafe").unwrap();
        for path in ["/me", "/api"] {
            alice.inject("authsafe", path, &bob);
        }
        let before = store.sessions();
        assert_eq!(before.len(), 2);
        alice.sign_in("alice", None).await;
        for key in before {
            assert!(store.record(&key).await.is_none());
        }
        assert_eq!(alice.fetch("/me").await.status, 200);
    }

    #[tokio::test]
    async fn is_no_session_where_there_is_no_record() {
        let (_stage, mut alice, store) = alice().await;
        let [key] = store.sessions().try_into().unwrap();
        SessionStore::delete(&store.memory, &key).await.unwrap();
        let answer = alice.fetch("/me").await;
        answer.refuses(401, "unauthenticated", "Sign-in required");
        assert_eq!(alice.post("/api/auth/refresh").await.status, 401);
        assert_eq!(alice.open("/").await.body, "Hello stranger");
    }

    #[tokio::test]
    async fn of_another_kind_is_no_session() {
        let in_cookies = Stage::new().await;
        let sealed = in_cookies.browser_of("alice").await;
        let (spec, _) = watched(auth::SPEC);
        let issuer = in_cookies.provider.issuer();
        let builder = Stage::builder().spec(spec).var("AUTHSAFE_DOMAIN", issuer);
        let in_store = builder.start().await;
        assert!(sealed.session(&in_cookies.auth).await.is_some());
        assert!(sealed.session(&in_store.auth).await.is_none());
    }

    #[tokio::test]
    async fn is_sealed_under_the_newest_secret() {
        let (stage, alice, _) = alice().await;
        let new = "k7Qm2Vx9Tz4Lb8Rw3Yc6Hn1Gd5Fj0Psa8";
        let both = format!("{new},{COOKIE_SECRET}");
        let both = stage.again_with("AUTHSAFE_COOKIE_SECRET", &both).await;
        assert!(alice.session(&both).await.is_some());

        let asked = alice.request(Method::GET, "/api/auth/session");
        let answer = both.session(&asked).await;
        assert_eq!(answer.status(), 200);
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        let (cookie, _) = cookie.split_once(';').unwrap();
        let renewed: HeaderMap = [(header::COOKIE, cookie.parse().unwrap())]
            .into_iter()
            .collect();

        // The record follows when it is written the next time.
        let mut refresh = alice.request(Method::POST, "/api/auth/refresh");
        refresh.headers.clone_from(&renewed);
        let refreshed = both.refresh(&refresh).await;
        assert_eq!(refreshed.status(), 200);
        assert!(refreshed.headers().get(header::SET_COOKIE).is_none());

        let new_alone = stage.again_with("AUTHSAFE_COOKIE_SECRET", new).await;
        assert!(new_alone.authenticate(&renewed).await.unwrap().is_some());
        assert!(alice.session(&new_alone).await.is_none());
    }
}

mod the_store {
    use super::*;

    #[tokio::test]
    async fn holds_no_token_and_no_name_in_clear_and_cannot_be_opened_without_the_cookie() {
        let (stage, mut alice, store) = alice().await;
        let [key] = store.sessions().try_into().unwrap();
        let record = store.record(&key).await.unwrap();
        let session = alice.session(&stage.auth).await.unwrap();
        let plain = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(&record).unwrap();
        let plain = String::from_utf8_lossy(&plain);
        let tokens = session.tokens().unwrap();
        let id = session.id().to_string();
        for secret in [
            "alice",
            "example",
            tokens.access.expose_secret(),
            tokens.refresh.as_ref().unwrap().expose_secret(),
            tokens.id.as_ref().unwrap().expose_secret(),
            &id,
            &alice.cookie("authsafe").unwrap(),
        ] {
            for text in [plain.as_ref(), record.as_str(), key.as_str()] {
                assert!(!text.contains(secret), "{secret}");
            }
        }
        // The record as a cookie, under the same cookie secret.
        let cookie = format!("authsafe={record}").parse().unwrap();
        let stolen = [(header::COOKIE, cookie)].into_iter().collect();
        assert!(stage.auth.authenticate(&stolen).await.unwrap().is_none());
        assert!(
            stage
                .again()
                .await
                .authenticate(&stolen)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(alice.fetch("/me").await.status, 200);
    }

    #[tokio::test]
    async fn takes_sessions_that_are_too_large_for_cookies() {
        let (spec, _) = watched(auth::SPEC);
        let stage = stage_of(spec).await;
        stage.provider.tamper_id_token(|claims| {
            claims.insert("padding".to_owned(), "x".repeat(30_000).into());
        });
        stage.provider.tamper_access_token(|claims| {
            claims.insert("padding".to_owned(), "x".repeat(30_000).into());
        });
        let mut alice = stage.browser_of("alice").await;
        assert_eq!(alice.fetch("/me").await.status, 200);
        assert_eq!(alice.post("/set_large").await.status, 200);
        assert_eq!(alice.fetch("/kept/large").await.body, "20000");
        let tokens = alice.session(&stage.auth).await.unwrap().tokens().unwrap();
        let bytes = tokens.access.expose_secret().len() + tokens.id.unwrap().expose_secret().len();
        assert!(bytes > 80_000, "{bytes}");
    }

    #[tokio::test]
    async fn that_the_version_before_has_filled_is_read_and_written_and_emptied() {
        let (_stage, mut alice, store) = alice().await;
        let [key] = store.sessions().try_into().unwrap();
        // Its keys did not say whose they are.
        let (_, before) = key.split_once(':').unwrap();
        let record = store.record(&key).await.unwrap();
        let hour = 60 * MINUTE;
        SessionStore::delete(&store.memory, &key).await.unwrap();
        let moved = SessionStore::create(&store.memory, before, record.as_bytes(), hour).await;
        assert!(moved.unwrap());

        assert_eq!(alice.fetch("/me").await.status, 200);
        assert_eq!(alice.post("/set/color").await.status, 200);
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
        assert_eq!(alice.fetch("/kept/color").await.body, "4");
        assert_ne!(store.record(before).await.unwrap(), record);
        let mut copy = alice.clone();
        assert_eq!(alice.post("/api/auth/logout").await.status, 303);
        assert!(store.record(before).await.is_none());
        assert_eq!(copy.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn that_is_down_lets_nobody_in_and_takes_nobodys_session() {
        let (stage, mut alice, store) = alice().await;
        let mut bob = stage.browser();
        let started = bob.start(None).await;
        let back = bob.choose("bob", &started).await;
        store.goes_down(true);
        is_unavailable(&alice.fetch("/me").await);
        is_unavailable(&alice.post("/api/auth/refresh").await);
        is_unavailable(&bob.open(back.location()).await);
        let me = alice.request(Method::GET, "/me");
        assert!(stage.auth.authenticate(&me.headers).await.is_err());
        assert!(stage.auth.shared_state_failures() > 0);
        store.goes_down(false);
        assert_eq!(alice.fetch("/me").await.status, 200);
    }

    #[tokio::test]
    async fn that_is_down_makes_nobody_a_stranger() {
        let (spec, store) = watched(auth::SPEC);
        let setup = Setup {
            spec,
            ..Setup::default()
        };
        alike_in(setup, async |peer, tale: &mut Tale| {
            let mut alice = peer.browser_of("alice").await;
            store.goes_down(true);
            for answer in [alice.fetch("/").await, alice.post("/greet").await] {
                is_unavailable(&answer);
                tale.tell("down", &answer);
            }
            // actix-web's own `Option` is `None` after any error.
            if peer.framework != Framework::Actix {
                is_unavailable(&alice.fetch("/option").await);
            }
            let page = alice.open("/").await;
            assert_eq!(page.status, 503);
            tale.tell("page", &page);
            let stranger = peer.browser().fetch("/").await;
            assert_eq!(stranger.body, "Hello stranger");
            tale.tell("stranger", &stranger);
            store.goes_down(false);
            let again = alice.fetch("/option").await;
            assert_eq!(again.status, 200);
            tale.tell("again", &again);
        })
        .await;
    }

    #[tokio::test]
    async fn that_is_down_does_not_keep_anybody_from_signing_out_here() {
        let (_stage, mut alice, store) = alice().await;
        let mut copy = alice.clone();
        store.goes_down(true);
        let logout = alice.post("/api/auth/logout").await;
        is_unavailable(&logout);
        assert_eq!(logout.removed(), ["authsafe"]);
        store.goes_down(false);
        assert_eq!(copy.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn that_never_answers_is_not_waited_for() {
        let (_stage, mut alice, store) = alice().await;
        store.is_in(Trouble::Silent);
        let me = tokio::time::timeout(Duration::from_secs(8), alice.fetch("/me")).await;
        is_unavailable(&me.unwrap());
        store.is_in(None);
        // Nobody asks for half a second.
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(alice.fetch("/me").await.status, 200);
    }

    #[tokio::test]
    async fn that_cannot_read_still_ends_a_session_everywhere() {
        let (stage, mut alice, store) = alice().await;
        let copy = alice.clone();
        let other = stage.again().await;
        store.is_in(Trouble::Unreadable);
        is_unavailable(&alice.post("/api/auth/logout").await);
        store.is_in(None);
        assert!(store.record(&store.sessions()[0]).await.is_none());
        assert!(copy.session(&other).await.is_none());
    }

    #[tokio::test]
    async fn that_fails_once_loses_no_refresh_token() {
        let (stage, mut alice, store) = alice().await;
        store.failing_saves.store(3, Ordering::SeqCst);
        is_unavailable(&alice.post("/api/auth/refresh").await);
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
        assert_eq!(stage.provider.calls(Endpoint::Token), 2, "sign-in and one");
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    }

    #[tokio::test]
    async fn that_does_not_open_stops_the_start() {
        async fn closed() -> Result<Memory, &'static str> {
            Err("no such database")
        }
        let spec = stored(auth::SPEC, &closed);
        let error = Stage::builder().spec(spec).try_start().await;
        let Err(error) = error else {
            panic!("it starts");
        };
        assert_eq!(
            error.to_string(),
            "sign-in cannot start: 1 problem\n  - session(store) cannot be used: it cannot be opened: no such database; write the address of one that answers, where its function reads it"
        );
    }

    #[tokio::test]
    async fn in_redis_needs_one() {
        let spec: &'static Spec = Box::leak(Box::new(spec(SpecParts {
            shared_state: SharedStateSpec {
                redis: SecretSetting::OptionalEnv { name: "REDIS_URL" },
                ..SharedStateSpec::DEFAULT
            },
            ..*parts(in_redis(false))
        })));
        let Err(error) = Stage::builder().spec(spec).try_start().await else {
            panic!("it starts");
        };
        let error = error.to_string();
        assert!(error.contains("REDIS_URL (shared_state(redis))"), "{error}");
        assert!(error.contains("sessions are to be kept there"), "{error}");
    }
}

mod what_has_ended {
    use super::*;

    #[tokio::test]
    async fn is_deleted() {
        let (stage, mut alice, store) = alice().await;
        let mut bob = stage.browser_of("bob").await;
        let bobs = bob.session(&stage.auth).await.unwrap().id();
        alice.post("/api/auth/logout").await;
        stage.auth.revoke_session(bobs).await.unwrap();
        for key in store.sessions() {
            assert!(store.record(&key).await.is_none());
        }
        assert_eq!(bob.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn at_the_provider_is_deleted_when_that_is_found_out() {
        let (stage, mut alice, store) = alice().await;
        stage.provider.revoke_all();
        assert_eq!(alice.post("/api/auth/refresh").await.status, 401);
        assert!(store.record(&store.sessions()[0]).await.is_none());
    }

    #[tokio::test]
    async fn has_ended_on_all_machines_that_have_the_store() {
        let (stage, alice, _) = alice().await;
        let bob = stage.browser_of("bob").await;
        let other = stage.again().await;
        assert!(alice.session(&other).await.is_some());
        stage.auth.revoke_user("authsafe|alice").await.unwrap();
        assert!(alice.session(&other).await.is_none());
        assert!(alice.session(&stage.again().await).await.is_none());
        assert!(bob.session(&other).await.is_some());
    }

    #[tokio::test]
    async fn is_not_brought_back_by_a_save_that_comes_late() {
        let (stage, alice, store) = alice().await;
        let mut tab = alice.clone();
        let slow = stage.door.stops(async move {
            let answer = tab.post("/slow_set").await;
            (tab, answer)
        });
        let slow = slow.await;
        // On another machine, so that this one does not know.
        let other = stage.again().await;
        let logout = other
            .logout(&alice.request(Method::POST, "/api/auth/logout"))
            .await;
        assert_eq!(logout.status(), 303);
        let (mut tab, answer) = slow.let_through().await;
        assert_eq!(answer.status, 200);
        assert!(answer.removed().is_empty());
        assert!(store.record(&store.sessions()[0]).await.is_none());
        assert!(alice.session(&stage.auth).await.is_none());
        assert_eq!(tab.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn does_not_take_the_cookie_of_the_next_one_when_its_answer_comes_late() {
        let (stage, mut alice, _) = alice().await;
        let mut tab = alice.clone();
        let slow = stage.door.stops(async move { tab.post("/slow_set").await });
        let slow = slow.await;
        alice.sign_in("alice", None).await;
        let late = slow.let_through().await;
        assert_eq!(late.status, 200);
        assert!(late.removed().is_empty() && !late.makes_a_session());
        assert_eq!(alice.fetch("/me").await.status, 200);
    }

    #[tokio::test]
    async fn is_not_brought_back_by_a_refresh_that_comes_late() {
        let (stage, alice, store) = alice().await;
        let calls = stage.provider.calls(Endpoint::Revoke);
        stage
            .provider
            .delay(Endpoint::Token, Duration::from_millis(400));
        let mut tab = alice.clone();
        let slow = tokio::spawn(async move { tab.post("/api/auth/refresh").await });
        authsafe_tests::eventually("the refresh", || stage.provider.calls(Endpoint::Token) == 2)
            .await;
        let other = stage.again().await;
        let id = alice.session(&other).await.unwrap().id();
        other.revoke_session(id).await.unwrap();
        let late = slow.await.unwrap();
        late.refuses(401, "session_ended", "Session ended");
        assert!(!late.makes_a_session());
        assert!(store.record(&store.sessions()[0]).await.is_none());
        // Nor does the refresh token that came too late live on.
        authsafe_tests::eventually("the revocation", || {
            stage.provider.calls(Endpoint::Revoke) > calls
        })
        .await;
    }
}

mod many_requests {
    use super::*;

    /// Refreshes in parallel, on machines that have the same store.
    async fn refresh_everywhere(machines: &[Auth], browser: &Browser) -> Vec<StatusCode> {
        let mut calls = JoinSet::new();
        for auth in machines.iter().cycle().take(100) {
            let (auth, parts) = (
                auth.clone(),
                browser.request(Method::POST, "/api/auth/refresh"),
            );
            calls.spawn(async move { auth.refresh(&parts).await.status() });
        }
        calls.join_all().await
    }

    #[tokio::test]
    async fn on_four_machines_make_one_token_call() {
        let (stage, mut alice, _) = alice().await;
        let mut machines = Vec::new();
        for _ in 0..4 {
            machines.push(stage.again().await);
        }
        let statuses = refresh_everywhere(&machines, &alice).await;
        assert_eq!(statuses, [StatusCode::OK; 100]);
        assert_eq!(stage.provider.calls(Endpoint::Token), 2, "sign-in and one");
        assert_eq!(alice.fetch("/me").await.status, 200);
    }

    #[tokio::test]
    async fn on_four_machines_with_redis_make_one_token_call() {
        let Some(server) = RedisServer::start().await else {
            return;
        };
        let builder = Stage::builder().spec(in_redis(false)).pages(pages());
        let stage = builder.var("REDIS_URL", &server.url()).start().await;
        let mut alice = stage.browser_of("alice").await;
        let mut machines = Vec::new();
        for _ in 0..4 {
            machines.push(stage.again().await);
        }
        let statuses = refresh_everywhere(&machines, &alice).await;
        assert_eq!(statuses, [StatusCode::OK; 100]);
        assert_eq!(stage.provider.calls(Endpoint::Token), 2, "sign-in and one");
        assert_eq!(alice.post("/set/color").await.status, 200);
        assert_eq!(alice.fetch("/kept/color").await.body, "4");
        let copy = alice.clone();
        alice.post("/api/auth/logout").await;
        assert!(copy.session(&machines[0]).await.is_none());
    }

    #[tokio::test]
    async fn without_locks_go_on_with_what_the_first_of_them_has_renewed() {
        let (stage, mut alice, store) = alice().await;
        let machines = [stage.again().await, stage.again().await];
        store.is_in(Trouble::NoLocks);
        let token = Endpoint::Token;
        stage.provider.delay(token, Duration::from_millis(300));
        let refused = r#"{"error":"invalid_grant"}"#;
        stage
            .provider
            .answer_next(token, StatusCode::BAD_REQUEST, refused);
        let [one, two] = [0, 1].map(|at| {
            let (auth, parts) = (
                machines[at].clone(),
                alice.request(Method::POST, "/api/auth/refresh"),
            );
            tokio::spawn(async move { auth.refresh(&parts).await.status() })
        });
        assert_eq!(
            [one.await.unwrap(), two.await.unwrap()],
            [StatusCode::OK; 2]
        );
        assert_eq!(stage.provider.calls(token), 3, "sign-in and two");
        assert!(store.record(&store.sessions()[0]).await.is_some());
        assert_eq!(alice.fetch("/me").await.status, 200);
    }

    #[tokio::test]
    async fn that_write_cost_the_store_a_few_calls_each() {
        let (stage, alice, store) = alice().await;
        store.is_in(Trouble::Distant);
        let before = store.calls.load(Ordering::SeqCst);
        let mut calls = JoinSet::new();
        for n in 0..200 {
            let mut tab = alice.clone();
            calls.spawn(async move { tab.post(&format!("/set/{n}")).await.status });
        }
        assert_eq!(calls.join_all().await, [StatusCode::OK; 200]);
        let calls = store.calls.load(Ordering::SeqCst) - before;
        assert!(calls < 200 * 20, "{calls}");
        let session = alice.session(&stage.auth).await.unwrap();
        for n in 0..200 {
            assert!(session.get::<String>(&n.to_string()).is_some(), "{n}");
        }
    }

    #[tokio::test]
    async fn write_on_top_of_one_another() {
        let (stage, alice, _) = alice().await;
        let mut calls = JoinSet::new();
        for name in ["a", "b", "c", "d"] {
            let mut tab = alice.clone();
            calls.spawn(async move { tab.post(&format!("/set/{name}")).await.status });
        }
        let mut tab = alice.clone();
        calls.spawn(async move { tab.post("/api/auth/refresh").await.status });
        assert_eq!(calls.join_all().await, [StatusCode::OK; 5]);
        let session = alice.session(&stage.auth).await.unwrap();
        for name in ["a", "b", "c", "d"] {
            assert_eq!(
                session.get::<String>(name).as_deref(),
                Some("kept"),
                "{name}"
            );
        }
        // Nobody has put the spent refresh token back.
        stage.pass(Duration::from_secs(40));
        let mut alice = alice;
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    }

    #[tokio::test]
    async fn note_that_a_session_is_in_use() {
        let (spec, _) = watched(&IDLE);
        let stage = stage_of(spec).await;
        let mut alice = stage.browser_of("alice").await;
        for _ in 0..3 {
            stage.pass(8 * MINUTE);
            assert_eq!(alice.fetch("/me").await.status, 200);
        }
        stage.pass(10 * MINUTE);
        assert_eq!(alice.fetch("/me").await.status, 401);
    }
}

mod a_browser_that_goes_away {
    use super::*;

    /// Calls, and hangs up before the answer.
    async fn call_and_go(browser: &Browser, path: &str) {
        let mut tab = browser.clone();
        let call = tab.post(path);
        let call = tokio::time::timeout(Duration::from_millis(100), call).await;
        assert!(call.is_err(), "it is answered too soon");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    #[tokio::test]
    async fn loses_nothing_and_leaves_no_lock() {
        let (stage, mut alice, store) = alice().await;
        store.is_in(Trouble::Slow);
        call_and_go(&alice, "/set/color").await;
        store.is_in(None);
        let kept = alice.session(&stage.auth).await.unwrap();
        assert_eq!(kept.get::<String>("color").as_deref(), Some("kept"));
        let next = tokio::time::timeout(Duration::from_secs(5), alice.post("/set/size")).await;
        assert_eq!(next.unwrap().status, 200);
    }

    #[tokio::test]
    async fn is_signed_out_all_the_same() {
        let (stage, alice, store) = alice().await;
        let other = stage.again().await;
        store.is_in(Trouble::Slow);
        call_and_go(&alice, "/api/auth/logout").await;
        store.is_in(None);
        assert!(store.record(&store.sessions()[0]).await.is_none());
        assert!(alice.session(&stage.auth).await.is_none());
        assert!(alice.session(&other).await.is_none());
    }
}

#[tokio::test]
async fn the_story_is_the_same_on_axum_actix_and_hyper() {
    let (spec, _) = watched(auth::SPEC);
    let setup = Setup {
        spec,
        ..Setup::default()
    };
    let told = alike_in(setup, async |peer, tale| {
        let mut alice = peer.browser_of("alice").await;
        let cookie = alice.cookie("authsafe");
        tale.tell("remember", &alice.post("/remember").await);
        tale.tell("recall", &alice.fetch("/recall").await);
        assert_eq!(alice.cookie("authsafe"), cookie);
        peer.provider.tamper_access_token(|claims| {
            claims.insert("roles".to_owned(), json!(["chief"]));
        });
        peer.pass(Duration::from_secs(3590));
        tale.tell("refreshed", &alice.fetch("/dashboard").await);
        assert_ne!(alice.cookie("authsafe"), cookie);
        tale.tell("logout", &alice.post("/api/auth/logout").await);
        tale.tell("after", &alice.fetch("/me").await);
    })
    .await;
    assert!(
        told.iter().any(|it| it.contains("Some(\"green\")")),
        "{told:#?}"
    );
}
