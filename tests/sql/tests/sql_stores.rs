//! Sessions in SQL, through stores of the tower-sessions family: SQLite, and a real Postgres.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use authsafe::__private::{self, SessionSpec, SpecParts, StoreSpec, parts};
use authsafe::Spec;
use authsafe::dev::Endpoint;
use authsafe::store::{SessionStore, TowerSessions};
use authsafe_tests::{Browser, PostgresServer, Stage, auth, is_a_session_store};
use http::request::Parts;
use http::{HeaderMap, Request, StatusCode, header};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store::Result;
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

fn spec(store: TowerSessions) -> &'static Spec {
    let open = move || {
        let store = store.clone();
        async move { Ok::<_, Infallible>(store) }
    };
    Box::leak(Box::new(__private::spec(SpecParts {
        session: SessionSpec {
            store: StoreSpec::Custom(Box::leak(Box::new(open))),
            ..parts(auth::SPEC).session
        },
        ..*parts(auth::SPEC)
    })))
}

fn headers(browser: &Browser) -> HeaderMap {
    let cookie = format!("authsafe={}", browser.cookie("authsafe").unwrap());
    let cookie = (header::COOKIE, cookie.parse().unwrap());
    [cookie].into_iter().collect()
}

fn request(browser: &Browser, path: &str) -> Parts {
    let (mut parts, ()) = Request::post(path).body(()).unwrap().into_parts();
    parts.headers = headers(browser);
    parts
}

/// What an app on four machines goes through; `rows` are the rows of the database as text.
async fn four_machines(store: TowerSessions, rows: impl AsyncFn() -> Vec<String>) {
    let stage = Stage::builder().spec(spec(store)).start().await;
    let mut alice = stage.browser_of("alice").await;
    let bob = stage.browser_of("bob").await;
    assert_eq!(alice.fetch("/me").await.status, 200);

    // No name and no token is there in clear.
    let session = stage
        .auth
        .authenticate(&headers(&alice))
        .await
        .unwrap()
        .unwrap();
    let tokens = session.tokens().unwrap();
    let rows = rows().await;
    assert!(rows.len() >= 2);
    for row in rows {
        for secret in ["alice", "bob", tokens.access.expose_secret()] {
            assert!(!row.contains(secret), "{secret}");
        }
    }

    // A hundred refreshes at once are one token call.
    let mut machines = Vec::new();
    for _ in 0..4 {
        machines.push(stage.again().await);
    }
    let before = stage.provider.calls(Endpoint::Token);
    let mut calls = JoinSet::new();
    for auth in machines.iter().cycle().take(100) {
        let (auth, parts) = (auth.clone(), request(&alice, "/api/auth/refresh"));
        calls.spawn(async move { auth.refresh(&parts).await.status() });
    }
    assert_eq!(calls.join_all().await, [StatusCode::OK; 100]);
    assert_eq!(stage.provider.calls(Endpoint::Token) - before, 1);

    // What ends on one of them ends on all.
    let logout = request(&alice, "/api/auth/logout");
    assert_eq!(machines[0].logout(&logout).await.status(), 303);
    assert_eq!(alice.fetch("/me").await.status, 401);
    machines[1].revoke_user("authsafe|bob").await.unwrap();
    let bob = machines[2].authenticate(&headers(&bob)).await.unwrap();
    assert!(bob.is_none());
}

#[tokio::test]
async fn in_sqlite() {
    let file = std::env::temp_dir().join(format!("authsafe-{}.sqlite", std::process::id()));
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true);
    let pool = SqlitePoolOptions::new()
        .connect_with(options)
        .await
        .unwrap();
    let family = SqliteStore::new(pool.clone());
    family.migrate().await.unwrap();
    let store = TowerSessions::new_0_14(family);
    is_a_session_store(&store).await;
    let rows = async || {
        let rows = "select data from tower_sessions";
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(rows).fetch_all(&pool).await.unwrap();
        let text = |(row,): (Vec<u8>,)| String::from_utf8_lossy(&row).into_owned();
        rows.into_iter().map(text).collect()
    };
    four_machines(store, rows).await;
    pool.close().await;
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn in_postgres() {
    let Some(server) = PostgresServer::start().await else {
        return;
    };
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_secs(10));
    let pool = pool.connect(&server.url()).await.unwrap();
    let family = PostgresStore::new(pool.clone());
    family.migrate().await.unwrap();
    let store = TowerSessions::new_0_14(family);
    is_a_session_store(&store).await;
    let rows = async || {
        let rows = "select encode(data, 'escape') from tower_sessions.session";
        let rows: Vec<(String,)> = sqlx::query_as(rows).fetch_all(&pool).await.unwrap();
        rows.into_iter().map(|(row,)| row).collect()
    };
    four_machines(store.clone(), rows).await;

    // Once it is gone, nobody is let in.
    let stage = Stage::builder().spec(spec(store)).start().await;
    let mut alice = stage.browser_of("alice").await;
    drop(server);
    let answer = alice.fetch("/me").await;
    answer.refuses(503, "state_unavailable", "Sessions cannot be checked now");
}

/// A store of the newer release, as most are: its `save` writes a record also where there is none.
/// The first save after [`wait`](Self::wait) stands at a door before it writes.
#[derive(Debug, Clone, Default)]
struct Upserting {
    records: Arc<Mutex<HashMap<Id, Record>>>,
    waiting: Arc<AtomicUsize>,
    door: Arc<Door>,
}

#[derive(Debug)]
struct Door {
    arrived: Semaphore,
    open: Semaphore,
}

impl Default for Door {
    fn default() -> Self {
        let (arrived, open) = (Semaphore::new(0), Semaphore::new(0));
        Self { arrived, open }
    }
}

#[async_trait]
impl tower_sessions_core::SessionStore for Upserting {
    async fn save(&self, record: &Record) -> Result<()> {
        let one_less = |waiting: usize| waiting.checked_sub(1);
        let (load, store) = (Ordering::SeqCst, Ordering::SeqCst);
        if self.waiting.fetch_update(store, load, one_less).is_ok() {
            self.door.arrived.add_permits(1);
            self.door.open.acquire().await.unwrap().forget();
        }
        let mut records = self.records.lock().unwrap();
        records.insert(record.id, record.clone());
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let record = self.records.lock().unwrap().get(id).cloned();
        Ok(record.filter(|it| it.expiry_date.unix_timestamp() > now()))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.records.lock().unwrap().remove(id);
        Ok(())
    }
}

fn now() -> i64 {
    authsafe::Clock::default().now().try_into().unwrap()
}

#[tokio::test]
async fn in_a_store_of_the_newer_release() {
    let family = Upserting::default();
    let store = TowerSessions::new(family.clone());
    is_a_session_store(&store).await;
    let rows = async || {
        let records = family.records.lock().unwrap();
        records.values().map(|it| format!("{it:?}")).collect()
    };
    four_machines(store, rows).await;
}

#[tokio::test]
async fn a_save_that_a_delete_overtakes_does_not_bring_the_record_back() {
    const LONG: Duration = Duration::from_secs(60);
    let family = Upserting::default();
    let store = TowerSessions::new(family.clone());
    store.create("session:a", b"1", LONG).await.unwrap();

    family.waiting.store(1, Ordering::SeqCst);
    let saving = store.clone();
    let save = tokio::spawn(async move { saving.save("session:a", b"2", LONG).await });
    family.door.arrived.acquire().await.unwrap().forget();
    store.delete("session:a").await.unwrap();
    family.door.open.add_permits(1);

    assert!(!save.await.unwrap().unwrap());
    assert_eq!(store.load("session:a").await.unwrap(), None);
    assert!(family.records.lock().unwrap().is_empty());
}
