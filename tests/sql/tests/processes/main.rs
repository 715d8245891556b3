//! An app in four processes, as users run it: behind one front, with a real Redis or Postgres, all of
//! which may fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod deployment;

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use authsafe::dev::Endpoint;
use authsafe_tests::{Answer, RedisServer, in_front_of};
use deployment::{Deployment, PROCESSES, Process, Sessions, with, with_postgres, with_redis};
use http::StatusCode;
use tokio::task::JoinSet;

/// What each way to keep sessions answers who is signed in, while the Redis does not.
const WITHOUT_REDIS: [(Sessions, u16); 3] = [
    (Sessions::Cookies, 200),
    (Sessions::FailClosed, 503),
    (Sessions::Redis, 503),
];

/// The same story wherever the app keeps its sessions, at the same time.
async fn everywhere<S: Future<Output = ()> + Send + 'static>(story: fn(Deployment) -> S) {
    let mut stories = JoinSet::new();
    for sessions in [Sessions::Cookies, Sessions::Redis, Sessions::Postgres] {
        stories.spawn(async move {
            if let Some((app, _server)) = with(sessions).await {
                story(app).await;
            }
        });
    }
    stories.join_all().await;
}

// A refresh

#[tokio::test]
async fn a_hundred_requests_at_once_with_a_session_that_is_due_make_one_token_call() {
    everywhere(one_token_call).await;
}

async fn one_token_call(app: Deployment) {
    let alice = app.browser_that_is_due(Duration::from_secs(10)).await;
    let before = app.token_calls();
    let mut requests = JoinSet::new();
    for _ in 0..100 {
        let mut alice = alice.clone();
        requests.spawn(async move { alice.fetch("/me").await.status });
    }
    assert_eq!(requests.join_all().await, [StatusCode::OK; 100]);
    assert_eq!(app.token_calls() - before, 1);
}

#[tokio::test]
async fn a_process_that_is_killed_in_the_middle_of_a_refresh_is_replaced_within_five_seconds() {
    everywhere(is_replaced_in_time).await;
}

async fn is_replaced_in_time(mut app: Deployment) {
    const EXCHANGE: Duration = Duration::from_secs(1);
    let alice = app.browser_that_is_due(Duration::from_secs(20)).await;
    app.provider.delay(Endpoint::Token, EXCHANGE);
    let before = app.token_calls();
    let dying = app.processes.remove(0);
    let (mut first, mut second) = (alice.clone(), alice);
    let url = format!("{}/me", dying.url);
    let visit = tokio::spawn(async move { first.fetch(&url).await });
    while app.token_calls() == before {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(dying);
    let killed = Instant::now();
    assert_eq!(app.processes[0].page(&mut second).await.status, 200);
    assert_eq!(app.token_calls() - before, 2);
    let taken_over = killed.elapsed() - EXCHANGE;
    assert!(taken_over < Duration::from_secs(5), "{taken_over:?}");
    assert!(visit.await.is_err(), "it has answered before it died");
}

// The app

#[tokio::test]
async fn when_all_processes_are_restarted_everybody_stays_what_they_were() {
    everywhere(a_restart).await;
}

async fn a_restart(mut app: Deployment) {
    let mut alice = app.browser_of("alice").await;
    let mut bob = app.browser_of("bob").await;
    let mut kept = bob.clone();
    assert_eq!(bob.post("/api/auth/logout").await.status, 303);
    let mut started = app.stranger();
    let sent = started.start(None).await;

    app.restart().await;
    assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    assert_eq!(app.statuses(&mut kept).await, [401; PROCESSES]);
    assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    // Who was at the provider meanwhile comes back.
    let back = started.choose("bob", &sent).await;
    let callback = started.open(back.next().as_str()).await;
    assert!(callback.makes_a_session(), "{callback:#?}");
}

// Redis

#[tokio::test]
async fn while_redis_is_dead_guards_answer_as_the_app_has_said() {
    for (sessions, meanwhile) in WITHOUT_REDIS {
        let Some((app, mut redis)) = with_redis(sessions).await else {
            return;
        };
        let mut alice = app.browser_of("alice").await;
        let bob = app.browser_of("bob").await;
        redis.kill().await;
        app.all_answer(&alice, meanwhile).await;
        app.all_answer(&app.stranger(), 401).await;
        let callback = app.stranger().callback("bob").await;
        let refreshed = app.processes[0].refresh(&mut alice).await;
        let [one, other, ..] = &app.processes[..] else {
            unreachable!()
        };
        let logout = one.logout(&mut bob.clone()).await;
        if meanwhile == 503 {
            for answer in [&callback, &refreshed, &logout] {
                let error = "Sessions cannot be checked now";
                answer.refuses(503, "state_unavailable", error);
            }
        } else {
            assert!(callback.makes_a_session(), "{callback:#?}");
            assert_eq!(refreshed.status, 200);
            assert_eq!(logout.status, 303);
            // Who has kept her cookie is refused by the process that knows, and by no other.
            assert_eq!(one.page(&mut bob.clone()).await.status, 401);
            assert_eq!(other.page(&mut bob.clone()).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_redis_that_was_killed_is_there_for_the_first_request_of_each_process() {
    // What is in Redis alone is gone with it.
    for (sessions, after) in [
        (Sessions::Cookies, 200),
        (Sessions::FailClosed, 200),
        (Sessions::Redis, 401),
    ] {
        let Some((app, mut redis)) = with_redis(sessions).await else {
            return;
        };
        let mut alice = app.browser_of("alice").await;
        assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
        redis.kill().await;
        redis.start_again().await;
        assert_eq!(app.statuses(&mut alice).await, [after; PROCESSES]);
        // And it is what all of them share.
        let mut bob = app.browser_of("bob").await;
        assert_eq!(app.statuses(&mut bob).await, [200; PROCESSES]);
        let kept = bob.clone();
        assert_eq!(app.processes[0].logout(&mut bob).await.status, 303);
        app.all_answer(&kept, 401).await;
    }
}

#[tokio::test]
async fn a_redis_that_freezes_costs_one_wait_and_is_found_again() {
    for (sessions, meanwhile) in WITHOUT_REDIS {
        let Some((app, redis)) = with_redis(sessions).await else {
            return;
        };
        let mut alice = app.browser_of("alice").await;
        redis.freeze().await;
        app.all_answer(&alice, meanwhile).await;
        redis.thaw().await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    }
}

#[tokio::test]
async fn a_redis_that_is_flushed_ends_what_is_there_and_nothing_else() {
    for (sessions, after) in [
        (Sessions::Cookies, 200),
        (Sessions::FailClosed, 200),
        (Sessions::Redis, 401),
    ] {
        let Some((app, redis)) = with_redis(sessions).await else {
            return;
        };
        let mut alice = app.browser_of("alice").await;
        let mut bob = app.browser_of("bob").await;
        let mut kept = bob.clone();
        assert_eq!(app.processes[0].logout(&mut bob).await.status, 303);
        redis.command(&["FLUSHALL"]).await;
        assert_eq!(app.statuses(&mut alice).await, [after; PROCESSES]);
        // What had ended before is known where it has been seen.
        assert_eq!(app.processes[0].page(&mut kept).await.status, 401);
        let mut again = app.browser_of("alice").await;
        assert_eq!(app.statuses(&mut again).await, [200; PROCESSES]);
        assert_eq!(again.post("/api/auth/refresh").await.status, 200);
    }
}

#[tokio::test]
async fn a_redis_that_another_takes_the_place_of_is_left_by_all_processes_with_no_one_signed_out() {
    for sessions in [Sessions::FailClosed, Sessions::Redis] {
        let (Some(mut old), Some(new)) = (RedisServer::start().await, RedisServer::start().await)
        else {
            return;
        };
        let place = Arc::new(AtomicU16::new(old.port()));
        let app = Deployment::start(sessions, &in_front_of(&place).await).await;
        new.follows(&old).await;
        let mut alice = app.browser_of("alice").await;
        let mut bob = app.browser_of("bob").await;
        let kept = bob.clone();
        assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
        new.has_all_of(&old).await;

        // The connections that there are lead to one that takes no writes any more.
        new.command(&["REPLICAOF", "NO", "ONE"]).await;
        place.store(new.port(), Ordering::Relaxed);
        old.command(&["REPLICAOF", "127.0.0.1", &new.port().to_string()])
            .await;
        for process in &app.processes {
            assert_eq!(process.refresh(&mut alice).await.status, 200);
        }
        assert_eq!(app.processes[0].logout(&mut bob).await.status, 303);
        old.kill().await;
        assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
        app.all_answer(&kept, 401).await;
    }
}

// Postgres

#[tokio::test]
async fn a_postgres_that_goes_down_lets_nobody_in_and_loses_nobody() {
    let Some((app, mut postgres)) = with_postgres().await else {
        return;
    };
    let mut alice = app.browser_of("alice").await;
    assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    postgres.kill();
    app.all_answer(&alice, 503).await;
    app.all_answer(&app.stranger(), 401).await;
    let callback = app.stranger().callback("bob").await;
    callback.refuses(503, "state_unavailable", "Sessions cannot be checked now");
    postgres.start_again();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    let kept = alice.clone();
    assert_eq!(alice.post("/api/auth/logout").await.status, 303);
    app.all_answer(&kept, 401).await;
}

// The provider

#[tokio::test]
async fn while_the_provider_is_down_sessions_are_good_as_long_as_their_tokens() {
    everywhere(without_the_provider).await;
}

async fn without_the_provider(mut app: Deployment) {
    const LIFETIME: Duration = Duration::from_secs(12);
    /// For so long nobody asks again after a failure.
    const PAUSE: Duration = Duration::from_secs(10);
    let mut bob = app.browser_of("bob").await;
    let mut alice = app.browser_that_is_due(LIFETIME).await;
    let ends = Instant::now() + LIFETIME / 2;
    app.provider_goes_down();
    let before = app.token_calls();
    for _ in 0..3 {
        assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    }
    // Whose tokens are good goes on, also at a process that has never asked the provider.
    app.processes[0].restart().await;
    assert_eq!(app.statuses(&mut bob).await, [200; PROCESSES]);
    tokio::time::sleep_until(ends.into()).await;
    for process in &app.processes {
        let error = "Session cannot be refreshed now";
        let answer = process.page(&mut alice).await;
        answer.refuses(503, "refresh_unavailable", error);
    }
    let calls = app.token_calls() - before;
    assert!(calls <= 3 * PROCESSES, "it is asked {calls} times");
    let callback = app.stranger().callback("bob").await;
    callback.refuses(503, "provider_unavailable", "Identity provider unavailable");

    app.provider_comes_back().await;
    tokio::time::sleep(PAUSE).await;
    let before = app.token_calls();
    assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    assert_eq!(app.token_calls() - before, 1);
    app.browser_of("bob").await;
}

// Many

/// So many requests in each round, with sign-ins, refreshes and logouts among them: the later ones cost
/// no memory, and each leaves in Redis no more than the ones before. A machine that is busy may refuse some, and ends no session.
async fn many(sessions: Sessions, rounds: usize, sign_ins: usize, requests: usize) {
    const AT_ONCE: usize = 8;
    let Some((app, redis)) = with_redis(sessions).await else {
        return;
    };
    let app = Arc::new(app);
    let pages = requests / sign_ins - 2;
    let mut seen = Vec::new();
    for _ in 0..rounds {
        let mut clients = JoinSet::new();
        for client in 0..AT_ONCE {
            let app = Arc::clone(&app);
            clients.spawn(async move {
                let mut refused = 0;
                let mut is = |answer: Answer, status: u16| {
                    refused += usize::from(answer.status == 503);
                    assert!(
                        answer.status == 503 || answer.status == status,
                        "{answer:?}"
                    );
                };
                let stranger = app.stranger();
                for number in 0..sign_ins / AT_ONCE {
                    let mut browser = stranger.clone();
                    let callback = browser.callback("alice").await;
                    let is_signed_in = callback.makes_a_session();
                    is(callback, 303);
                    if !is_signed_in {
                        continue;
                    }
                    let at = |turn: usize| &app.processes[(client + number + turn) % PROCESSES];
                    for turn in 0..pages {
                        is(at(turn).page(&mut browser).await, 200);
                        if turn == pages / 2 {
                            is(at(turn).refresh(&mut browser).await, 200);
                        }
                    }
                    is(at(pages).logout(&mut browser).await, 303);
                }
                refused
            });
        }
        let refused: usize = clients.join_all().await.into_iter().sum();
        assert!(refused * 100 <= requests, "{refused}");
        let memory: Vec<_> = app.processes.iter().map(Process::memory).collect();
        let keys = redis.command(&["INFO", "keyspace"]).await.join(",");
        let count = |name: &str| {
            let (_, rest) = keys.split_once(name).unwrap();
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap();
            digits.parse::<usize>().unwrap()
        };
        // Each runs out by itself.
        assert_eq!(count("keys="), count("expires="), "{keys}");
        seen.push((*memory.iter().max().unwrap(), count("keys=")));
    }
    eprintln!("{sessions:?}: bytes and keys {seen:?}");
    // A mark of each sign-in and of each session that has ended, and what each refresh has brought.
    let (_, keys) = seen[rounds - 1];
    assert!(keys <= 3 * rounds * sign_ins + 10, "{seen:?}");
    // What is remembered in memory is bounded, and small at that.
    let (first, last) = (seen[rounds / 2 - 1].0, seen[rounds - 1].0);
    let growth = last.saturating_sub(first);
    assert!(growth < 16 * 1024 * 1024, "{seen:?}");
}

#[tokio::test]
async fn requests_and_sign_ins_leave_little_behind() {
    many(Sessions::Cookies, 2, 64, 640).await;
    many(Sessions::Redis, 2, 64, 640).await;
}

/// `cargo test --release --workspace --test processes -- --ignored a_hundred_thousand`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes minutes"]
async fn a_hundred_thousand_requests_and_sign_ins_leave_little_behind() {
    many(Sessions::Cookies, 4, 2_000, 25_000).await;
    many(Sessions::Redis, 4, 2_000, 25_000).await;
}
