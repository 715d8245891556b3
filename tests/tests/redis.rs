//! The shared state: in memory, and in a real Redis.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe::dev::Endpoint;
use authsafe::{Auth, Memory, Redis, SharedState};
use authsafe_tests::{Browser, RedisServer, Stage};
use http::{Request, StatusCode, header};
use tokio::task::JoinSet;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(50);

/// What every shared state must do.
async fn behaves(state: &dyn SharedState) {
    let get = async |key: &str| state.get(&[key]).await.unwrap().remove(0);

    assert_eq!(state.get(&["a", "b"]).await.unwrap(), [None, None]);
    state.put("a", b"1", LONG).await.unwrap();
    state.put("b", b"\0\xff", LONG).await.unwrap();
    let values = state.get(&["b", "x", "a"]).await.unwrap();
    assert_eq!(
        values,
        [Some(b"\0\xff".to_vec()), None, Some(b"1".to_vec())]
    );

    assert!(!state.put_new("a", b"2", LONG).await.unwrap());
    assert!(state.put_new("c", b"2", LONG).await.unwrap());
    state.remove_if("c", b"3").await.unwrap();
    assert_eq!(get("c").await.as_deref(), Some(&b"2"[..]));
    state.remove_if("c", b"2").await.unwrap();
    assert_eq!(get("c").await, None);

    assert_eq!(state.count("n", LONG).await.unwrap(), 1);
    assert_eq!(state.count("n", LONG).await.unwrap(), 2);

    state.put("short", b"1", SHORT).await.unwrap();
    assert!(state.put_new("short lock", b"1", SHORT).await.unwrap());
    assert_eq!(state.count("short count", SHORT).await.unwrap(), 1);
    tokio::time::sleep(4 * SHORT).await;
    assert_eq!(get("short").await, None);
    assert!(state.put_new("short lock", b"1", SHORT).await.unwrap());
    assert_eq!(state.count("short count", SHORT).await.unwrap(), 1);
}

#[tokio::test]
async fn memory_is_a_shared_state() {
    behaves(&Memory::default()).await;
}

#[tokio::test]
async fn redis_is_a_shared_state() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    behaves(&Redis::new(&server.url(), "test:").unwrap()).await;
}

#[tokio::test]
async fn prefixes_keep_apps_apart() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let one = Redis::new(&server.url(), "one:").unwrap();
    let two = Redis::new(&server.url(), "two:").unwrap();
    one.put("a", b"1", LONG).await.unwrap();
    assert_eq!(two.get(&["a"]).await.unwrap(), [None]);
}

#[test]
fn a_url_that_is_none_is_refused_and_not_shown() {
    let error = Redis::new("not-redis://:hunter2@host", "x").unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

async fn refresh(auth: &Auth, browser: &Browser) -> StatusCode {
    let cookie = format!("authsafe={}", browser.cookie("authsafe").unwrap());
    let request = Request::post("/api/auth/refresh").header(header::COOKIE, cookie);
    let (parts, ()) = request.body(()).unwrap().into_parts();
    auth.refresh(&parts).await.status()
}

#[tokio::test]
async fn a_hundred_requests_on_four_machines_with_one_redis_make_one_token_call() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let stage = Stage::new().await;
    let alice = stage.browser_of("alice").await;
    let mut calls = JoinSet::new();
    for _ in 0..4 {
        let redis = Redis::new(&server.url(), "authsafe:").unwrap();
        let auth = stage.again().await.with_shared_state(redis);
        for _ in 0..25 {
            let (auth, alice) = (auth.clone(), alice.clone());
            calls.spawn(async move { refresh(&auth, &alice).await });
        }
    }
    assert_eq!(calls.join_all().await, [StatusCode::OK; 100]);
    assert_eq!(
        stage.provider.calls(Endpoint::Token),
        2,
        "sign-in and one refresh"
    );
}

#[tokio::test]
async fn what_is_in_redis_signs_nobody_in() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let stage = Stage::new().await;
    let alice = stage.browser_of("alice").await;
    let state = Redis::new(&server.url(), "authsafe:").unwrap();
    let auth = stage.again().await.with_shared_state(state.clone());
    assert_eq!(refresh(&auth, &alice).await, 200);

    let session = auth
        .session(&cookies(&alice.cookie("authsafe").unwrap()))
        .await
        .unwrap()
        .unwrap();
    let id = session.id();
    let landed = state
        .get(&[&format!("flight:{id}:0")])
        .await
        .unwrap()
        .remove(0);
    let landed = String::from_utf8(landed.expect("the refresh has landed")).unwrap();
    assert!(auth.session(&cookies(&landed)).await.unwrap().is_none());
}

fn cookies(value: &str) -> http::HeaderMap {
    let cookie = format!("authsafe={value}").parse().unwrap();
    [(header::COOKIE, cookie)].into_iter().collect()
}

#[tokio::test]
async fn a_redis_that_goes_down_takes_nobody_with_it() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let stage = Stage::new().await;
    let alice = stage.browser_of("alice").await;
    let redis = Redis::new(&server.url(), "authsafe:").unwrap();
    let auth = stage.again().await.with_shared_state(redis);
    server.stop().await;
    assert_eq!(refresh(&auth, &alice).await, 200);
    assert!(auth.shared_state_failures() > 0);
}
