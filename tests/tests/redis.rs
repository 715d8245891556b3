//! The shared state: in memory, and in a real Redis.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use authsafe::__private::{Rate, RateSpec, SecretSetting, SharedStateSpec, SpecParts, parts, spec};
use authsafe::dev::Endpoint;
use authsafe::store::{Memory, Redis, SessionStore, SharedState};
use authsafe::{Auth, Spec};
use authsafe_tests::{
    Browser, CLIENT_SECRET, RedisCluster, RedisServer, Stage, auth, demo_provider, in_front_of,
    is_a_session_store,
};
use http::{HeaderMap, Request, StatusCode, header};
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

    assert!(state.renew_if("a", b"1", LONG).await.unwrap());
    assert!(!state.renew_if("a", b"2", LONG).await.unwrap());
    assert!(!state.renew_if("x", b"1", LONG).await.unwrap());
    assert_eq!(get("a").await.as_deref(), Some(&b"1"[..]));
    assert_eq!(get("x").await, None);

    assert_eq!(state.count("n", LONG).await.unwrap(), 1);
    assert_eq!(state.count("n", LONG).await.unwrap(), 2);

    state.put("short", b"1", SHORT).await.unwrap();
    assert!(state.put_new("short lock", b"1", SHORT).await.unwrap());
    assert_eq!(state.count("short count", SHORT).await.unwrap(), 1);
    state.put("renewed", b"1", SHORT).await.unwrap();
    assert!(state.renew_if("renewed", b"1", LONG).await.unwrap());
    tokio::time::sleep(4 * SHORT).await;
    assert_eq!(get("short").await, None);
    assert_eq!(get("renewed").await.as_deref(), Some(&b"1"[..]));
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

    let flights = server.command(&["KEYS", "authsafe:*:flight:*:0"]).await;
    let [flight] = flights.try_into().unwrap();
    let flight = flight.trim_start_matches("authsafe:");
    let landed = state.get(&[flight]).await.unwrap().remove(0);
    let landed = String::from_utf8(landed.expect("the refresh has landed")).unwrap();
    assert!(
        auth.authenticate(&cookies(&landed))
            .await
            .unwrap()
            .is_none()
    );
}

fn cookies(value: &str) -> HeaderMap {
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

static IN_REDIS: Spec = spec(SpecParts {
    shared_state: SharedStateSpec {
        redis: SecretSetting::Env { name: "REDIS_URL" },
        fail_closed: true,
        ..SharedStateSpec::DEFAULT
    },
    rate_limit: RateSpec {
        refresh: Some(Rate {
            count: 2,
            per: Duration::from_secs(600),
        }),
        ..RateSpec::DEFAULT
    },
    ..*parts(auth::SPEC)
});

/// Two apps of one provider, known to it as `app` and `shop`, as they are deployed: with one Redis.
async fn two_apps(redis: &str) -> (Stage, Stage) {
    let provider = demo_provider().client("shop", Some(CLIENT_SECRET));
    let app = Stage::builder().spec(&IN_REDIS).var("REDIS_URL", redis);
    let app = app.provider(provider.start().await.unwrap()).start().await;
    let shop = Stage::builder()
        .spec(&IN_REDIS)
        .var("REDIS_URL", redis)
        .var("AUTHSAFE_DOMAIN", app.provider.issuer())
        .var("AUTHSAFE_CLIENT_ID", "shop");
    (app, shop.start().await)
}

#[tokio::test]
async fn two_apps_on_one_redis_leave_one_another_alone() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let (app, shop) = two_apps(&server.url()).await;
    let mut at_app = app.browser_of("alice").await;
    let mut at_shop = shop.browser_of("alice").await;

    // Each counts its own calls.
    for browser in [&mut at_app, &mut at_shop] {
        assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
        assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
        assert_eq!(browser.post("/api/auth/refresh").await.status, 429);
    }
    // And ends its own users, on all machines.
    shop.auth.revoke_user("authsafe|alice").await.unwrap();
    assert_eq!(at_app.fetch("/me").await.status, 200);
    assert_eq!(at_shop.fetch("/me").await.status, 401);
    let headers = cookies(&at_app.cookie("authsafe").unwrap());
    assert!(
        app.again()
            .await
            .authenticate(&headers)
            .await
            .unwrap()
            .is_some()
    );

    let keys = server.command(&["KEYS", "*"]).await;
    let apps: std::collections::HashSet<_> = keys
        .iter()
        .map(|key| key.split(':').nth(1).unwrap())
        .collect();
    assert!(keys.len() > 4, "{keys:?}");
    assert_eq!(apps.len(), 2, "{keys:?}");
}

#[tokio::test]
async fn whom_the_version_before_has_signed_out_is_signed_out() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let stage = Stage::builder().spec(&IN_REDIS);
    let stage = stage.var("REDIS_URL", &server.url()).start().await;
    let mut alice = stage.browser_of("alice").await;
    // The processes of the version before are stopped one by one.
    stage.pass(Duration::from_secs(1200));
    let mut bob = stage.browser_of("bob").await;
    let headers = cookies(&bob.cookie("authsafe").unwrap());
    let id = stage
        .auth
        .authenticate(&headers)
        .await
        .unwrap()
        .unwrap()
        .id();

    let before = Redis::new(&server.url(), "authsafe:").unwrap();
    let user = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"alice");
    let user = base64_simd::URL_SAFE_NO_PAD.encode_to_string(user);
    let now = stage.clock.now().to_be_bytes();
    before
        .put(&format!("ended:user:{user}"), &now, LONG)
        .await
        .unwrap();
    assert_eq!(alice.fetch("/me").await.status, 401);
    assert_eq!(bob.fetch("/me").await.status, 200);
    before
        .put(&format!("ended:session:{id}"), b"", LONG)
        .await
        .unwrap();
    assert_eq!(bob.fetch("/me").await.status, 401);
    // What is there later is another app's.
    stage.pass(Duration::from_secs(3000));
    let mut alice = stage.browser_of("alice").await;
    let now = (stage.clock.now() + 60).to_be_bytes();
    before
        .put(&format!("ended:user:{user}"), &now, LONG)
        .await
        .unwrap();
    assert_eq!(alice.fetch("/me").await.status, 200);
}

#[tokio::test]
async fn a_redis_that_comes_back_is_there_for_the_first_call_of_each_process() {
    let Some(mut server) = RedisServer::start().await else {
        return;
    };
    for round in 0..2 {
        let mut processes = Vec::new();
        for _ in 0..7 {
            let redis = Redis::new(&server.url(), "test:").unwrap();
            assert_eq!(redis.get(&["a"]).await.unwrap(), [None]);
            processes.push(redis);
        }
        server.kill().await;
        server.start_again().await;
        let [get, put, put_new, renew, remove, create, save] = processes.try_into().unwrap();
        assert_eq!(get.get(&["a"]).await.unwrap(), [None], "{round}");
        put.put("b", b"1", LONG).await.unwrap();
        assert!(put_new.put_new("c", b"1", LONG).await.unwrap());
        assert!(renew.renew_if("c", b"1", LONG).await.unwrap());
        remove.remove_if("c", b"1").await.unwrap();
        assert!(create.create("d", b"1", LONG).await.unwrap());
        assert!(save.save("d", b"2", LONG).await.unwrap());
        assert!(!put.put_new("d", b"3", LONG).await.unwrap());
    }
}

#[tokio::test]
async fn a_redis_that_freezes_is_waited_for_once_and_found_again() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let redis = Redis::new(&server.url(), "test:").unwrap();
    redis.put("a", b"1", LONG).await.unwrap();
    server.freeze().await;
    for _ in 0..2 {
        let begun = std::time::Instant::now();
        assert!(redis.get(&["a"]).await.is_err());
        assert!(begun.elapsed() < Duration::from_millis(1400));
    }
    server.thaw().await;
    assert_eq!(redis.get(&["a"]).await.unwrap(), [Some(b"1".to_vec())]);
}

#[tokio::test]
async fn a_cluster_is_a_shared_state_and_a_session_store() {
    for nodes in [1, 3] {
        let Some(cluster) = RedisCluster::start(nodes).await else {
            return;
        };
        behaves(&Redis::new(&cluster.url(), "one:").unwrap()).await;
        is_a_session_store(&Redis::new(&cluster.url(), "two:").unwrap()).await;
    }
}

#[tokio::test]
async fn in_a_cluster_a_logout_is_known_to_all_machines() {
    let Some(cluster) = RedisCluster::start(3).await else {
        return;
    };
    let stage = Stage::builder().spec(&IN_REDIS);
    let stage = stage.var("REDIS_URL", &cluster.url()).start().await;
    let mut browsers = Vec::new();
    for _ in 0..8 {
        let mut alice = stage.browser_of("alice").await;
        let elsewhere = stage.again().await;
        let headers = cookies(&alice.cookie("authsafe").unwrap());
        assert!(elsewhere.authenticate(&headers).await.unwrap().is_some());
        assert_eq!(alice.post("/api/auth/logout").await.status, 303);
        assert!(elsewhere.authenticate(&headers).await.unwrap().is_none());
        browsers.push(alice);
    }
    assert_eq!(stage.auth.shared_state_failures(), 0);
    let keys = cluster.keys().await;
    assert!(keys.iter().all(|&keys| keys > 0), "{keys:?}");
}

mod over_tls {
    use super::*;

    /// Set in the process that the test starts.
    const CHILD: &str = "AUTHSAFE_TESTS_REDISS";

    /// In a process of its own, which trusts the certificate, and in which rustls knows no provider
    /// by itself: as where somebody's crate has compiled in `ring` beside ours.
    #[tokio::test]
    async fn redis_is_spoken_to_whatever_rustls_knows() {
        if let Ok(url) = std::env::var(CHILD) {
            let unknowing = std::panic::catch_unwind(rustls::ClientConfig::builder);
            assert!(unknowing.is_err(), "rustls knows a provider");
            assert!(rustls::crypto::CryptoProvider::get_default().is_none());
            let redis = Redis::new(&url, "test:").unwrap();
            redis.put("a", b"1", LONG).await.unwrap();
            assert_eq!(redis.get(&["a"]).await.unwrap(), [Some(b"1".to_vec())]);
            return;
        }
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = std::env::temp_dir().join(format!("authsafe-tls-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let (certificate, key) = (path("cert.pem"), path("key.pem"));
        std::fs::write(&certificate, certified.cert.pem()).unwrap();
        std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
        let server = RedisServer::start_tls(&certificate, &key).await;
        if let Some(server) = &server {
            let url = format!("rediss://localhost:{}", server.port());
            let this = "over_tls::redis_is_spoken_to_whatever_rustls_knows";
            let child = tokio::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", this, "--nocapture"])
                .env(CHILD, &url)
                .env("SSL_CERT_FILE", &certificate)
                .output()
                .await
                .unwrap();
            assert!(child.status.success(), "{child:?}");
            let text = String::from_utf8_lossy(&child.stdout).into_owned();
            assert!(text.contains("1 passed"), "{text}");
            // Whoever does not trust it does not speak to it.
            let stranger = Redis::new(&url, "test:").unwrap();
            assert!(stranger.get(&["a"]).await.is_err());
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn without_verification_is_refused() {
        assert!(Redis::new("rediss://localhost/#insecure", "test:").is_err());
    }
}

#[tokio::test]
async fn a_node_that_is_no_primary_any_more_is_left_with_the_first_write() {
    let (Some(old), Some(new)) = (RedisServer::start().await, RedisServer::start().await) else {
        return;
    };
    let port = Arc::new(AtomicU16::new(old.port()));
    let url = in_front_of(&port).await;
    for server in [&old, &new] {
        server
            .command(&["MSET", "test:b", "1", "test:c", "1"])
            .await;
    }
    let mut processes = Vec::new();
    for _ in 0..6 {
        let redis = Redis::new(&url, "test:").unwrap();
        assert_eq!(redis.get(&["a"]).await.unwrap(), [None]);
        processes.push(redis);
    }
    port.store(new.port(), Ordering::Relaxed);
    // A replica of nobody who answers: it takes no writes, and has what it had.
    old.command(&["REPLICAOF", "127.0.0.1", "1"]).await;

    let [put, put_new, renew, remove, count, create] = processes.try_into().unwrap();
    put.put("a", b"1", LONG).await.unwrap();
    assert!(put_new.put_new("d", b"1", LONG).await.unwrap());
    assert!(renew.renew_if("b", b"1", LONG).await.unwrap());
    remove.remove_if("c", b"1").await.unwrap();
    assert_eq!(count.count("n", LONG).await.unwrap(), 1);
    assert!(create.create("e", b"1", LONG).await.unwrap());
    let values = put.get(&["a", "b", "d", "e", "n"]).await.unwrap();
    assert!(values.iter().all(Option::is_some), "{values:?}");
    assert_eq!(put.get(&["c"]).await.unwrap(), [None]);
}
