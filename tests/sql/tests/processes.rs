//! An app in four processes, as users run it: behind one front, with a real Redis or Postgres, all of
//! which may fail.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::convert::Infallible;
use std::env;
use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use authsafe::dev::{Endpoint, LocalProvider};
use authsafe::{
    Clock, SecretSetting, SessionSpec, SharedStateSpec, Spec, StoreSpec, TowerSessions,
};
use authsafe_tests::{
    Answer, Browser, CLIENT_SECRET, COOKIE_SECRET, PostgresServer, RedisServer, app, auth,
    demo_provider, reserve_port,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use sqlx::postgres::PgPoolOptions;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::task::{JoinHandle, JoinSet};
use tower_sessions_sqlx_store::PostgresStore;

const PROCESSES: usize = 4;
/// Longer than one wait in vain, and shorter than two.
const ONE_LIMIT: Duration = Duration::from_millis(3500);

/// Where the app keeps its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sessions {
    Cookies,
    /// In cookies, and nobody is let in while Redis cannot be asked.
    FailClosed,
    Redis,
    Postgres,
}

/// One process of the app: the tests start this program again, with this one test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other tests run it, each in processes of its own"]
async fn one_process_of_the_app() {
    let Ok(port) = env::var("TEST_PORT") else {
        return;
    };
    let lookup = |name: &str| env::var(name).ok();
    let auth = authsafe::__private::from_vars_with_clock(spec(), lookup, Clock::default());
    let auth = auth.await.unwrap();
    let router = app::pages().merge(auth.router()).layer(auth.layer());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"));
    axum::serve(listener.await.unwrap(), router).await.unwrap();
}

fn spec() -> &'static Spec {
    let sessions = env::var("TEST_SESSIONS").unwrap();
    let store = match sessions.as_str() {
        "Redis" => StoreSpec::Redis,
        "Postgres" => StoreSpec::Custom(&in_postgres),
        _ => StoreSpec::Cookie,
    };
    Box::leak(Box::new(Spec {
        session: SessionSpec {
            store,
            ..auth::SPEC.session
        },
        shared_state: SharedStateSpec {
            redis: SecretSetting::OptionalEnv { name: "REDIS_URL" },
            fail_closed: sessions == "FailClosed",
            ..SharedStateSpec::DEFAULT
        },
        ..*auth::SPEC
    }))
}

async fn in_postgres() -> Result<TowerSessions, Infallible> {
    let pool = PgPoolOptions::new()
        .acquire_timeout(Duration::from_millis(1500))
        .connect_lazy(&env::var("DATABASE_URL").unwrap());
    Ok(TowerSessions::new_0_14(PostgresStore::new(pool.unwrap())))
}

struct Process {
    child: Child,
    url: String,
    variables: Vec<(&'static str, String)>,
}

impl Process {
    async fn start(variables: &[(&'static str, String)]) -> Self {
        let (address, reserved) = reserve_port();
        drop(reserved);
        let mut variables = variables.to_vec();
        variables.push(("TEST_PORT", address.port().to_string()));
        let process = Self {
            child: Self::spawn(&variables),
            url: format!("http://{address}"),
            variables,
        };
        process.is_up().await;
        process
    }

    fn spawn(variables: &[(&'static str, String)]) -> Child {
        let mut this = Command::new(env::current_exe().unwrap());
        this.args(["--exact", "one_process_of_the_app", "--ignored"])
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        this.spawn().unwrap()
    }

    async fn is_up(&self) {
        let address = self.url.trim_start_matches("http://");
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(address).await.is_err() {
            assert!(Instant::now() < deadline, "the app does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn start_again(&mut self) {
        self.child = Self::spawn(&self.variables);
        self.is_up().await;
    }

    /// Its own memory, in bytes.
    fn memory(&self) -> usize {
        let pid = self.child.id().unwrap();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
        kilobytes.parse::<usize>().unwrap() * 1024
    }

    async fn page(&self, browser: &mut Browser) -> Answer {
        browser.fetch(&format!("{}/me", self.url)).await
    }
}

/// Spreads requests over the processes, and passes by those that are not there.
#[derive(Clone)]
struct Front {
    http: reqwest::Client,
    processes: Arc<Vec<String>>,
    next: Arc<AtomicUsize>,
}

async fn pass_on(State(front): State<Front>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    for _ in 0..PROCESSES {
        let at = front.next.fetch_add(1, Ordering::Relaxed) % PROCESSES;
        let url = format!("{}{}", front.processes[at], parts.uri);
        let mut request = reqwest::Request::new(parts.method.clone(), url.parse().unwrap());
        request.headers_mut().clone_from(&parts.headers);
        *request.body_mut() = Some(body.clone().into());
        match front.http.execute(request).await {
            Ok(answer) => {
                let (status, headers) = (answer.status(), answer.headers().clone());
                let body = Body::from(answer.bytes().await.unwrap());
                return (status, headers, body).into_response();
            }
            Err(error) if error.is_connect() => {}
            Err(_) => break,
        }
    }
    StatusCode::BAD_GATEWAY.into_response()
}

struct Deployment {
    provider: LocalProvider,
    processes: Vec<Process>,
    url: String,
    front: JoinHandle<()>,
}

impl Drop for Deployment {
    fn drop(&mut self) {
        self.front.abort();
    }
}

impl Deployment {
    async fn start(sessions: Sessions, server: &str) -> Self {
        let provider = demo_provider().start().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server_of = match sessions {
            Sessions::Postgres => "DATABASE_URL",
            _ => "REDIS_URL",
        };
        let variables = [
            ("AUTHSAFE_DOMAIN", provider.issuer()),
            ("AUTHSAFE_CLIENT_ID", "app"),
            ("AUTHSAFE_CLIENT_SECRET", CLIENT_SECRET),
            ("AUTHSAFE_COOKIE_SECRET", COOKIE_SECRET),
            ("APP_URL", &url),
            ("TEST_SESSIONS", &format!("{sessions:?}")),
            (server_of, server),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        let mut processes = Vec::new();
        for _ in 0..PROCESSES {
            processes.push(Process::start(&variables).await);
        }
        let http = reqwest::Client::builder().no_proxy();
        let http = http.redirect(reqwest::redirect::Policy::none());
        let front = Front {
            http: http.build().unwrap(),
            processes: Arc::new(processes.iter().map(|it| it.url.clone()).collect()),
            next: Arc::default(),
        };
        let router = Router::new().fallback(pass_on).with_state(front);
        let front = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            provider,
            processes,
            url,
            front,
        }
    }

    async fn browser_of(&self, user: &str) -> Browser {
        let mut browser = Browser::new(&self.url);
        let journey = browser.sign_in(user, None).await;
        assert!(journey.callback.makes_a_session(), "{journey:#?}");
        browser
    }

    /// A browser whose session is due, and good for as long again.
    async fn browser_that_is_due(&self, lifetime: Duration) -> Browser {
        self.provider.set_access_token_lifetime(lifetime);
        let browser = self.browser_of("alice").await;
        tokio::time::sleep(lifetime / 2 + Duration::from_millis(1100)).await;
        browser
    }

    fn token_calls(&self) -> usize {
        self.provider.calls(Endpoint::Token)
    }

    async fn statuses(&self, browser: &mut Browser) -> Vec<u16> {
        let mut statuses = Vec::new();
        for process in &self.processes {
            statuses.push(process.page(browser).await.status.as_u16());
        }
        statuses
    }

    async fn restart(&mut self) {
        for process in &mut self.processes {
            process.child.kill().await.unwrap();
        }
        for process in &mut self.processes {
            process.start_again().await;
        }
    }
}

async fn with_redis(sessions: Sessions) -> Option<(Deployment, RedisServer)> {
    let redis = RedisServer::start().await?;
    let deployment = Deployment::start(sessions, &redis.url()).await;
    Some((deployment, redis))
}

async fn with_postgres() -> Option<(Deployment, PostgresServer)> {
    let postgres = PostgresServer::start().await?;
    let pool = PgPoolOptions::new().connect(&postgres.url()).await.unwrap();
    PostgresStore::new(pool.clone()).migrate().await.unwrap();
    pool.close().await;
    let deployment = Deployment::start(Sessions::Postgres, &postgres.url()).await;
    Some((deployment, postgres))
}

#[tokio::test]
async fn a_hundred_requests_at_once_with_a_session_that_is_due_make_one_token_call() {
    let redis = [Sessions::Cookies, Sessions::Redis];
    for sessions in redis {
        let Some((app, _redis)) = with_redis(sessions).await else {
            return;
        };
        one_token_call(&app).await;
    }
    let Some((app, _postgres)) = with_postgres().await else {
        return;
    };
    one_token_call(&app).await;
}

async fn one_token_call(app: &Deployment) {
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
async fn a_redis_that_was_killed_is_there_for_the_first_request_of_each_process() {
    for sessions in [Sessions::FailClosed, Sessions::Redis] {
        let Some((app, mut redis)) = with_redis(sessions).await else {
            return;
        };
        let mut alice = app.browser_of("alice").await;
        assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
        redis.kill().await;
        redis.start_again().await;
        // What is in Redis alone is gone with it.
        let status = match sessions {
            Sessions::Redis => 401,
            _ => 200,
        };
        assert_eq!(app.statuses(&mut alice).await, [status; PROCESSES]);
    }
}

#[tokio::test]
async fn a_process_that_is_killed_in_the_middle_of_a_refresh_is_replaced_within_five_seconds() {
    for sessions in [Sessions::Cookies, Sessions::Redis] {
        let Some((app, _redis)) = with_redis(sessions).await else {
            return;
        };
        is_replaced_in_time(app).await;
    }
    let Some((app, _postgres)) = with_postgres().await else {
        return;
    };
    is_replaced_in_time(app).await;
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

#[tokio::test]
async fn a_redis_that_freezes_costs_one_wait_and_is_found_again() {
    for (sessions, meanwhile) in [
        (Sessions::Cookies, 200),
        (Sessions::FailClosed, 503),
        (Sessions::Redis, 503),
    ] {
        let Some((app, redis)) = with_redis(sessions).await else {
            return;
        };
        let mut alice = app.browser_of("alice").await;
        redis.freeze().await;
        let begun = Instant::now();
        for _ in 0..10 {
            let answer = app.processes[0].page(&mut alice).await;
            assert_eq!(answer.status, meanwhile, "{sessions:?}");
        }
        assert!(begun.elapsed() < ONE_LIMIT, "{:?}", begun.elapsed());
        redis.thaw().await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    }
}

#[tokio::test]
async fn when_all_processes_are_restarted_everybody_stays_what_they_were() {
    for sessions in [Sessions::Cookies, Sessions::Redis] {
        let Some((mut app, _redis)) = with_redis(sessions).await else {
            return;
        };
        let mut alice = app.browser_of("alice").await;
        let mut bob = app.browser_of("bob").await;
        let mut kept = bob.clone();
        assert_eq!(bob.post("/api/auth/logout").await.status, 303);
        let mut started = Browser::new(&app.url);
        let sent = started.start(None).await;

        app.restart().await;
        assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
        assert_eq!(app.statuses(&mut kept).await, [401; PROCESSES]);
        // Who was at the provider meanwhile comes back.
        let back = started.choose("bob", &sent).await;
        let callback = started.open(back.next().as_str()).await;
        assert!(callback.makes_a_session(), "{callback:#?}");
    }
}

#[tokio::test]
async fn a_redis_that_is_flushed_ends_what_is_there_and_nothing_else() {
    for (sessions, status) in [(Sessions::FailClosed, 200), (Sessions::Redis, 401)] {
        let Some((app, redis)) = with_redis(sessions).await else {
            return;
        };
        let mut alice = app.browser_of("alice").await;
        redis.command(&["FLUSHALL"]).await;
        assert_eq!(app.statuses(&mut alice).await, [status; PROCESSES]);
        let mut again = app.browser_of("alice").await;
        assert_eq!(app.statuses(&mut again).await, [200; PROCESSES]);
        assert_eq!(again.post("/api/auth/refresh").await.status, 200);
    }
}

#[tokio::test]
async fn a_postgres_that_goes_down_lets_nobody_in_and_loses_nobody() {
    let Some((app, mut postgres)) = with_postgres().await else {
        return;
    };
    let mut alice = app.browser_of("alice").await;
    assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    postgres.kill();
    let begun = Instant::now();
    for _ in 0..10 {
        assert_eq!(app.processes[0].page(&mut alice).await.status, 503);
    }
    assert!(begun.elapsed() < ONE_LIMIT, "{:?}", begun.elapsed());
    postgres.start_again();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    assert_eq!(alice.post("/api/auth/logout").await.status, 303);
    assert_eq!(app.statuses(&mut alice).await, [401; PROCESSES]);
}

#[tokio::test]
async fn while_the_provider_is_down_sessions_are_good_as_long_as_their_tokens() {
    let Some((app, _redis)) = with_redis(Sessions::Cookies).await else {
        return;
    };
    let lifetime = Duration::from_secs(8);
    let mut alice = app.browser_that_is_due(lifetime).await;
    for _ in 0..200 {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        app.provider.answer_next(Endpoint::Token, status, "down");
    }
    let before = app.token_calls();
    for _ in 0..3 {
        assert_eq!(app.statuses(&mut alice).await, [200; PROCESSES]);
    }
    tokio::time::sleep(lifetime / 2).await;
    assert_eq!(app.statuses(&mut alice).await, [503; PROCESSES]);
    let calls = app.token_calls() - before;
    assert!(calls <= 2 * PROCESSES, "it is asked {calls} times");
}

/// So many requests and sign-ins in each round: the later ones cost no memory, and each leaves in
/// Redis no more than the ones before. A machine that is busy may refuse some, and ends no session.
async fn many(rounds: usize, sign_ins: usize, requests: usize) {
    const AT_ONCE: usize = 8;
    let Some((app, redis)) = with_redis(Sessions::Redis).await else {
        return;
    };
    let app = Arc::new(app);
    let mut seen = Vec::new();
    for _ in 0..rounds {
        let mut clients = JoinSet::new();
        for _ in 0..AT_ONCE {
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
                for _ in 0..sign_ins / AT_ONCE {
                    let mut browser = Browser::new(&app.url);
                    let callback = browser.callback("alice").await;
                    let is_signed_in = callback.makes_a_session();
                    is(callback, 303);
                    for _ in 0..requests / sign_ins * usize::from(is_signed_in) {
                        is(browser.fetch("/me").await, 200);
                    }
                    if is_signed_in {
                        is(browser.post("/api/auth/logout").await, 303);
                    }
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
    // A mark of each sign-in, and of each session that has ended.
    let (_, keys) = seen[rounds - 1];
    assert!(keys <= 2 * rounds * sign_ins + 10, "{seen:?}");
    // What is remembered in memory is bounded, and small at that.
    let (first, last) = (seen[rounds / 2 - 1].0, seen[rounds - 1].0);
    let growth = last.saturating_sub(first);
    assert!(growth < 16 * 1024 * 1024, "{seen:?}");
}

#[tokio::test]
async fn requests_and_sign_ins_leave_little_behind() {
    many(2, 64, 640).await;
}

/// `cargo test --release --workspace --test processes -- --ignored a_hundred_thousand`
#[tokio::test]
#[ignore = "it takes minutes"]
async fn a_hundred_thousand_requests_and_sign_ins_leave_little_behind() {
    many(4, 2_000, 23_000).await;
}
