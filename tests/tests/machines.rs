//! Several machines, one app: what one of them knows, all know.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use authsafe::__private::{SharedStateSpec, SpecParts, parts, spec};
use authsafe::dev::Endpoint;
use authsafe::hooks::Event;
use authsafe::store::{Memory, SharedState};
use authsafe::{Auth, Session, SessionData, Spec};
use authsafe_tests::{Answer, Browser, Down, Silent, Stage, app, auth, eventually};
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

const MINUTE: Duration = Duration::from_secs(60);

/// Several machines that share a state; the stage's own is none of them.
async fn machines(stage: &Stage, count: usize, state: &Memory) -> Vec<Auth> {
    let mut machines = Vec::new();
    for _ in 0..count {
        let auth = stage.again().await;
        machines.push(auth.with_shared_state(state.clone()));
    }
    machines
}

/// A stage on which Alice is signed in with an access token of five minutes.
async fn alice_on(spec: &'static Spec) -> (Stage, Browser) {
    let stage = Stage::builder().spec(spec).start().await;
    stage.provider.set_access_token_lifetime(5 * MINUTE);
    let alice = stage.browser_of("alice").await;
    (stage, alice)
}

fn makes_a_session(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(header::SET_COOKIE);
    cookies
        .iter()
        .any(|it| !it.to_str().unwrap().contains("Max-Age=0"))
}

async fn refresh_everywhere(machines: &[Auth], browser: &Browser, times: usize) -> Vec<StatusCode> {
    let mut set = JoinSet::new();
    for auth in machines.iter().cycle().take(times) {
        let auth = auth.clone();
        let parts = browser.request(Method::POST, "/api/auth/refresh");
        set.spawn(async move {
            let response = auth.refresh(&parts).await;
            assert!(makes_a_session(response.headers()), "{response:?}");
            response.status()
        });
    }
    set.join_all().await
}

#[tokio::test]
async fn a_hundred_requests_on_four_machines_make_one_token_call() {
    let (stage, alice) = alice_on(auth::SPEC).await;
    let machines = machines(&stage, 4, &Memory::default()).await;
    let before = stage.provider.calls(Endpoint::Token);
    let statuses = refresh_everywhere(&machines, &alice, 100).await;
    assert_eq!(statuses, [StatusCode::OK; 100]);
    assert_eq!(stage.provider.calls(Endpoint::Token) - before, 1);
}

#[tokio::test]
async fn a_refresh_that_several_machines_wait_for_is_one_event() {
    let (stage, alice) = alice_on(auth::SPEC).await;
    let (seen, state) = (Arc::new(AtomicUsize::new(0)), Memory::default());
    let mut machines = machines(&stage, 4, &state).await;
    for machine in &mut machines {
        let seen = Arc::clone(&seen);
        *machine = machine.clone().on_event(move |event| {
            if let Event::Refreshed { .. } = event {
                seen.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    refresh_everywhere(&machines, &alice, 20).await;
    assert_eq!(seen.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn of_two_ends_of_a_users_sessions_the_later_one_holds() {
    let (stage, alice) = alice_on(auth::SPEC).await;
    let machines = machines(&stage, 3, &Memory::default()).await;
    // Their clocks differ.
    machines[0].revoke_user("authsafe|alice").await.unwrap();
    stage.clock.set(stage.clock.now() - 60);
    machines[1].revoke_user("authsafe|alice").await.unwrap();
    for machine in &machines {
        assert!(alice.session(machine).await.is_none());
    }
}

#[tokio::test]
async fn a_machine_that_dies_while_it_refreshes_holds_the_others_up_for_a_while_only() {
    let (stage, alice) = alice_on(auth::SPEC).await;
    let state = Memory::default();
    let machines = machines(&stage, 2, &state).await;
    let session = alice.session(&machines[0]).await;
    let session = session.unwrap();
    let app = app_prefix(stage.provider.issuer(), "app");
    let lead = format!("{app}flight:{}:0:lead", session.id());
    let a_while = Duration::from_millis(300);
    assert!(state.put_new(&lead, b"of the dead", a_while).await.unwrap());
    let before = stage.provider.calls(Endpoint::Token);
    refresh_everywhere(&machines, &alice, 10).await;
    assert_eq!(stage.provider.calls(Endpoint::Token) - before, 1);
}

/// What the keys of an app begin with.
fn app_prefix(issuer: &str, client_id: &str) -> String {
    use aws_lc_rs::digest::{SHA256, digest};
    let app = format!("authsafe app {}:{issuer}{client_id}", issuer.len());
    let hash = &digest(&SHA256, app.as_bytes()).as_ref()[..16].to_vec();
    format!("{}:", base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash))
}

#[tokio::test]
async fn an_end_that_the_version_before_has_told_is_all_of_its_second() {
    use aws_lc_rs::digest::{SHA256, digest};
    let (stage, alice) = alice_on(auth::SPEC).await;
    let state = Memory::default();
    let machine = machines(&stage, 1, &state).await.remove(0);
    assert!(alice.session(&machine).await.is_some());
    let app = app_prefix(stage.provider.issuer(), "app");
    let user = digest(&SHA256, b"authsafe|alice");
    let user = base64_simd::URL_SAFE_NO_PAD.encode_to_string(user);
    let now = stage.clock.now().to_be_bytes();
    let key = format!("{app}ended:user:{user}");
    state
        .put(&key, &now, Duration::from_secs(60))
        .await
        .unwrap();
    assert!(alice.session(&machine).await.is_none());
    let again = stage.browser_of("alice").await;
    assert!(again.session(&machine).await.is_none());
    stage.pass(Duration::from_secs(1));
    let later = stage.browser_of("alice").await;
    assert!(later.session(&machine).await.is_some());
}

#[tokio::test]
async fn a_machine_that_dies_in_the_middle_is_replaced_within_five_seconds() {
    let (stage, alice) = alice_on(auth::SPEC).await;
    let machines = machines(&stage, 2, &Memory::default()).await;
    stage
        .provider
        .delay(Endpoint::Token, Duration::from_millis(700));
    let (dying, parts) = (
        machines[0].clone(),
        alice.request(Method::POST, "/api/auth/refresh"),
    );
    let machine = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    machine.spawn(async move { dying.refresh(&parts).await });
    tokio::time::sleep(Duration::from_millis(350)).await;
    machine.shutdown_background();

    let begun = Instant::now();
    refresh_everywhere(&machines[1..], &alice, 3).await;
    assert!(begun.elapsed() > Duration::from_secs(1), "it was not held");
    assert!(begun.elapsed() < Duration::from_secs(6), "{begun:?}");
}

#[tokio::test]
async fn a_machine_that_is_slow_keeps_its_lead() {
    let (stage, alice) = alice_on(auth::SPEC).await;
    let machines = machines(&stage, 2, &Memory::default()).await;
    // Longer than a machine leads without a word, and within what a call may take.
    stage
        .provider
        .delay(Endpoint::Token, Duration::from_millis(4700));
    let before = stage.provider.calls(Endpoint::Token);
    refresh_everywhere(&machines, &alice, 4).await;
    assert_eq!(stage.provider.calls(Endpoint::Token) - before, 1);
}

#[tokio::test]
async fn a_machine_that_lost_its_lead_takes_what_the_faster_one_has_got() {
    let (stage, alice) = alice_on(auth::SPEC).await;
    let state = Memory::default();
    let machines = machines(&stage, 2, &state).await;
    let session = alice.session(&machines[0]).await;
    let session = session.unwrap();
    let app = app_prefix(stage.provider.issuer(), "app");
    let lead = format!("{app}flight:{}:0:lead", session.id());

    let delay = |milliseconds| {
        let delay = Duration::from_millis(milliseconds);
        stage.provider.delay(Endpoint::Token, delay);
    };
    let refresh = |machine: &Auth| {
        let (machine, parts) = (
            machine.clone(),
            alice.request(Method::POST, "/api/auth/refresh"),
        );
        tokio::spawn(async move { machine.refresh(&parts).await.status() })
    };
    let before = stage.provider.calls(Endpoint::Token);
    delay(800);
    let slow = refresh(&machines[0]);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let leader = state.get(&[lead.as_str()]).await.unwrap().remove(0);
    state.remove_if(&lead, &leader.unwrap()).await.unwrap();
    delay(0);
    assert_eq!(refresh(&machines[1]).await.unwrap(), StatusCode::OK);
    assert_eq!(slow.await.unwrap(), StatusCode::OK);
    assert_eq!(stage.provider.calls(Endpoint::Token) - before, 2);
    for machine in &machines {
        let session = alice.session(machine).await;
        assert!(session.is_some(), "it has ended");
    }
}

#[tokio::test]
async fn a_state_that_is_refused_in_a_moment_is_not_written_anew() {
    async fn note(data: SessionData) {
        data.set("n", &1).unwrap();
    }
    let pages = app::pages().route("/note", post(note));
    let stage = Stage::builder().pages(pages).start().await;
    let mut alice = stage.browser_of("alice").await;
    let state = Memory::default();
    let _ = stage.auth.clone().with_shared_state(state.clone());
    let session = alice.session(&stage.auth).await;
    let id = session.unwrap().id();
    // Another machine takes something away, and what the session is since has not landed yet.
    let until = (stage.clock.now() + 30).to_be_bytes();
    let states = [0_u32, 0, 1, 0].map(u32::to_be_bytes).concat();
    let app = app_prefix(stage.provider.issuer(), "app");
    let floor = [states.as_slice(), &until].concat();
    state
        .put(&format!("{app}floor:{id}"), &floor, MINUTE)
        .await
        .unwrap();
    let mut tab = alice.clone();
    let answer = tab.post("/note").await;
    assert_eq!(answer.status, 200);
    assert!(!answer.makes_a_session(), "{answer:?}");
    // A refresh brings the newer state.
    let answer = alice.post("/api/auth/refresh").await;
    assert!(answer.makes_a_session(), "{answer:?}");
    stage.pass(MINUTE / 2);
    assert_eq!(alice.fetch("/me").await.status, 200);
    assert_eq!(tab.fetch("/me").await.status, 401);
}

#[tokio::test]
async fn a_refresh_keeps_what_another_machine_has_written_since() {
    async fn note(data: SessionData, Path(n): Path<u8>) {
        data.set("n", &n).unwrap();
    }
    async fn noted(session: Session) -> String {
        session
            .get("n")
            .map_or(String::new(), |n: u8| n.to_string())
    }
    let pages = || {
        let notes = Router::new().route("/note/{n}", post(note));
        notes.route("/note", get(noted)).merge(app::pages())
    };
    let stage = Stage::builder().pages(pages()).start().await;
    stage.provider.set_access_token_lifetime(5 * MINUTE);
    let mut alice = stage.browser_of("alice").await;
    assert!(alice.post("/note/1").await.makes_a_session());
    let [session] = alice.session_cookies().try_into().unwrap();
    let other = stage.again().await;
    let other = pages().merge(other.router()).layer(other.layer());
    let (mut parts, body) = (alice.request(Method::POST, "/note/2"), Body::empty());
    parts
        .headers
        .insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    let answer = other
        .oneshot(Request::from_parts(parts, body))
        .await
        .unwrap();
    let written = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    let (_, value) = written.split_once('=').unwrap();
    let (value, _) = value.split_once(';').unwrap();
    alice.inject(&session.name, &session.path, value);
    assert_eq!(alice.fetch("/note").await.body, "2");
    stage.pass(4 * MINUTE);
    assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    assert_eq!(alice.fetch("/note").await.body, "2");
}

#[tokio::test]
async fn a_logout_on_one_machine_is_a_logout_on_all() {
    let (stage, alice) = alice_on(auth::SPEC).await;
    let machines = machines(&stage, 2, &Memory::default()).await;
    let logout = machines[0]
        .logout(&alice.request(Method::POST, "/api/auth/logout"))
        .await;
    assert_eq!(logout.status(), 303);
    let refresh = machines[1]
        .refresh(&alice.request(Method::POST, "/api/auth/refresh"))
        .await;
    assert_eq!(refresh.status(), 401);
}

#[tokio::test]
async fn an_administrator_ends_sessions_on_all_machines() {
    let (stage, alice) = alice_on(auth::SPEC).await;
    let bob = stage.browser_of("bob").await;
    let machines = machines(&stage, 2, &Memory::default()).await;
    let session = bob.session(&machines[0]).await;
    let session = session.unwrap();
    machines[0].revoke_session(session.id()).await.unwrap();
    machines[0].revoke_user("authsafe|alice").await.unwrap();
    for browser in [&alice, &bob] {
        let parts = browser.request(Method::POST, "/api/auth/refresh");
        assert_eq!(machines[1].refresh(&parts).await.status(), 401);
    }
}

#[tokio::test]
async fn a_callback_is_answered_once_by_whatever_machine() {
    let stage = Stage::new().await;
    let machines = machines(&stage, 2, &Memory::default()).await;
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    let back = browser.choose("alice", &started).await;
    let parts = browser.request(Method::GET, back.location());
    assert_eq!(machines[0].callback(&parts).await.status(), 303);
    assert_eq!(machines[1].callback(&parts).await.status(), 400);
    // The second one was refused before the code was sent a second time.
    assert_eq!(stage.provider.calls(Endpoint::Token), 1);
}

/// A reload, while the first request's machine still waits for the tokens.
#[tokio::test]
async fn a_callback_that_is_reloaded_on_another_machine_gets_the_session_of_the_first() {
    let stage = Stage::new().await;
    let machines = machines(&stage, 2, &Memory::default()).await;
    let mut browser = stage.browser();
    let started = browser.start(Some("/me?a=b")).await;
    let back = browser.choose("alice", &started).await;
    let parts = browser.request(Method::GET, back.location());
    stage
        .provider
        .delay(Endpoint::Token, Duration::from_secs(1));
    let first = tokio::spawn({
        let (auth, parts) = (machines[0].clone(), parts.clone());
        async move { auth.callback(&parts).await }
    });
    eventually("the exchange", || {
        stage.provider.calls(Endpoint::Token) == 1
    })
    .await;
    let second = machines[1].callback(&parts).await;
    let first = first.await.unwrap();
    let session = |response: &authsafe::Response| {
        let cookies = response.headers().get_all(header::SET_COOKIE).iter();
        let mut cookies: Vec<_> = cookies.map(|it| it.to_str().unwrap().to_owned()).collect();
        cookies.retain(|it| !it.contains("Max-Age=0"));
        cookies
    };
    assert_eq!(
        (first.status(), second.status()),
        (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER)
    );
    assert_eq!(second.headers()[header::LOCATION], "/me?a=b");
    assert!(!session(&first).is_empty());
    assert_eq!(session(&first), session(&second));
    assert_eq!(stage.provider.calls(Endpoint::Token), 1);
    // Who comes later, with a copy of it all, gets nothing.
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(machines[1].callback(&parts).await.status(), 400);
}

/// The one that answers brings nothing: nor does it to those who wait.
#[tokio::test]
async fn a_callback_that_fails_on_one_machine_fails_on_the_other_that_waits_for_it() {
    let stage = Stage::new().await;
    let machines = machines(&stage, 2, &Memory::default()).await;
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    let back = browser.choose("alice", &started).await;
    let parts = browser.request(Method::GET, back.location());
    stage
        .provider
        .delay(Endpoint::Token, Duration::from_secs(1));
    stage
        .provider
        .tamper_id_token(|claims| drop(claims.remove("nonce")));
    let first = tokio::spawn({
        let (auth, parts) = (machines[0].clone(), parts.clone());
        async move { auth.callback(&parts).await }
    });
    eventually("the exchange", || {
        stage.provider.calls(Endpoint::Token) == 1
    })
    .await;
    let second = machines[1].callback(&parts).await;
    assert_eq!(second.status(), 400);
    assert!(!makes_a_session(second.headers()));
    assert!(!makes_a_session(first.await.unwrap().headers()));
    assert_eq!(stage.provider.calls(Endpoint::Token), 1);
}

mod when_the_shared_state_is_down {
    use super::*;

    static FAIL_CLOSED: Spec = spec(SpecParts {
        shared_state: SharedStateSpec {
            fail_closed: true,
            ..SharedStateSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });

    /// Alice at her page, in an app whose shared state is down.
    async fn me(spec: &'static Spec) -> (Stage, Answer) {
        let (stage, mut alice) = alice_on(spec).await;
        let _ = stage.auth.clone().with_shared_state(Down);
        let answer = alice.fetch("/me").await;
        (stage, answer)
    }

    #[tokio::test]
    async fn sealed_sessions_are_served_and_the_failure_is_counted() {
        let (stage, answer) = me(auth::SPEC).await;
        assert_eq!(answer.status, 200);
        assert!(stage.auth.shared_state_failures() > 0);
    }

    #[tokio::test]
    async fn with_fail_closed_they_are_not() {
        let (_stage, answer) = me(&FAIL_CLOSED).await;
        answer.refuses(503, "state_unavailable", "Sessions cannot be checked now");
    }

    #[tokio::test]
    async fn a_process_refreshes_once_by_itself() {
        let (stage, alice) = alice_on(auth::SPEC).await;
        let auth = stage.again().await.with_shared_state(Down);
        let before = stage.provider.calls(Endpoint::Token);
        refresh_everywhere(&[auth], &alice, 20).await;
        assert_eq!(stage.provider.calls(Endpoint::Token) - before, 1);
    }

    #[tokio::test]
    async fn with_fail_closed_callback_logout_and_refresh_say_so() {
        let (stage, mut alice) = alice_on(&FAIL_CLOSED).await;
        let mut bob = stage.browser();
        let started = bob.start(None).await;
        let back = bob.choose("bob", &started).await;
        let _ = stage.auth.clone().with_shared_state(Down);
        for answer in [
            bob.open(back.location()).await,
            alice.post("/api/auth/refresh").await,
            alice.post("/api/auth/logout").await,
        ] {
            answer.refuses(503, "state_unavailable", "Sessions cannot be checked now");
        }
    }
}

mod when_the_shared_state_is_silent {
    use super::*;

    /// Long enough for one call that waits in vain, and for little more.
    const ONE_LIMIT: Duration = Duration::from_millis(2900);

    static FAIL_CLOSED: Spec = spec(SpecParts {
        shared_state: SharedStateSpec {
            fail_closed: true,
            ..SharedStateSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });

    /// Alice in an app whose shared state falls silent.
    async fn alice_where_it_is_silent(spec: &'static Spec) -> (Stage, Browser, Silent) {
        let (stage, alice) = alice_on(spec).await;
        let state = Silent::default();
        let _ = stage.auth.clone().with_shared_state(state.clone());
        (stage, alice, state)
    }

    #[tokio::test]
    async fn requests_wait_for_it_once_and_not_each() {
        for (spec, status) in [(auth::SPEC, 200), (&FAIL_CLOSED, 503)] {
            let (_stage, mut alice, state) = alice_where_it_is_silent(spec).await;
            let begun = Instant::now();
            assert_eq!(alice.fetch("/me").await.status, status);
            for _ in 0..20 {
                assert_eq!(alice.fetch("/me").await.status, status);
            }
            assert!(begun.elapsed() < ONE_LIMIT, "{:?}", begun.elapsed());
            assert!(state.asked() <= 2, "{}", state.asked());
            state.speaks(true);
            tokio::time::sleep(Duration::from_millis(700)).await;
            let asked = state.asked();
            assert_eq!(alice.fetch("/me").await.status, 200);
            assert!(state.asked() > asked, "it is asked again");
        }
    }

    #[tokio::test]
    async fn one_request_at_a_time_asks_it() {
        let (_stage, mut alice, state) = alice_where_it_is_silent(auth::SPEC).await;
        alice.fetch("/me").await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        let before = state.asked();
        let mut requests = JoinSet::new();
        for _ in 0..30 {
            let mut alice = alice.clone();
            requests.spawn(async move {
                let begun = Instant::now();
                alice.fetch("/me").await;
                begun.elapsed() > Duration::from_secs(1)
            });
        }
        let waited = requests.join_all().await;
        let waited = waited.into_iter().filter(|&waited| waited).count();
        assert_eq!((state.asked() - before, waited), (1, 1));
    }

    #[tokio::test]
    async fn who_asks_and_goes_away_leaves_the_question_to_the_next() {
        let (stage, mut alice, state) = alice_where_it_is_silent(auth::SPEC).await;
        alice.fetch("/me").await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        let headers = alice.request(Method::GET, "/").headers;
        let a_moment = Duration::from_millis(100);
        let gone = tokio::time::timeout(a_moment, stage.auth.authenticate(&headers)).await;
        assert!(gone.is_err(), "it was no probe");
        state.speaks(true);
        let asked = state.asked();
        stage.auth.authenticate(&headers).await.unwrap();
        assert!(state.asked() > asked);
    }

    #[tokio::test]
    async fn a_logout_of_which_it_did_not_hear_is_told_to_it_later() {
        let (stage, mut alice, state) = alice_where_it_is_silent(auth::SPEC).await;
        let copy = alice.clone();
        alice.fetch("/me").await;
        assert_eq!(alice.post("/api/auth/logout").await.status, 303);
        state.speaks(true);
        let elsewhere = stage.again().await.with_shared_state(state);
        let told = async {
            while copy.session(&elsewhere).await.is_some() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(10 * ONE_LIMIT, told).await.unwrap();
    }

    #[tokio::test]
    async fn a_logout_is_told_to_it_all_the_same() {
        let (stage, mut alice, state) = alice_where_it_is_silent(auth::SPEC).await;
        let bob = stage.browser_of("bob").await;
        let session = bob.session(&stage.again().await).await.unwrap();
        alice.fetch("/me").await;
        state.speaks(true);
        // Within the pause, in which nobody asks.
        let asked = state.asked();
        stage.auth.revoke_session(session.id()).await.unwrap();
        assert_eq!(state.asked(), asked + 1);
        let elsewhere = stage.again().await.with_shared_state(state);
        assert!(bob.session(&elsewhere).await.is_none());
    }
}
