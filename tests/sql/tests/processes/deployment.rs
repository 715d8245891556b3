//! An app in its processes, the front before them, and what they stand on.

use std::any::Any;
use std::convert::Infallible;
use std::env;
use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use authsafe::__private::{
    self, SecretSetting, SessionSpec, SharedStateSpec, SpecParts, StoreSpec, parts,
};
use authsafe::dev::{Endpoint, LocalProvider};
use authsafe::store::TowerSessions;
use authsafe::{Clock, Spec};
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

pub(crate) const PROCESSES: usize = 4;

/// Where the app keeps its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sessions {
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
    Box::leak(Box::new(__private::spec(SpecParts {
        session: SessionSpec {
            store,
            grace: Duration::ZERO,
            ..parts(auth::SPEC).session
        },
        shared_state: SharedStateSpec {
            redis: SecretSetting::OptionalEnv { name: "REDIS_URL" },
            fail_closed: sessions == "FailClosed",
            ..SharedStateSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    })))
}

async fn in_postgres() -> Result<TowerSessions, Infallible> {
    let pool = PgPoolOptions::new()
        .acquire_timeout(Duration::from_millis(1500))
        .connect_lazy(&env::var("DATABASE_URL").unwrap());
    Ok(TowerSessions::new_0_14(PostgresStore::new(pool.unwrap())))
}

pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
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
        let name = concat!(module_path!(), "::one_process_of_the_app");
        let (_, name) = name.split_once("::").unwrap();
        this.args(["--exact", name, "--ignored"])
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

    /// It dies, whatever it was at, and comes back where it was.
    pub(crate) async fn restart(&mut self) {
        self.child.kill().await.unwrap();
        self.child = Self::spawn(&self.variables);
        self.is_up().await;
    }

    /// Its own memory, in bytes.
    pub(crate) fn memory(&self) -> usize {
        let pid = self.child.id().unwrap();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
        kilobytes.parse::<usize>().unwrap() * 1024
    }

    pub(crate) async fn page(&self, browser: &mut Browser) -> Answer {
        browser.fetch(&format!("{}/me", self.url)).await
    }

    pub(crate) async fn refresh(&self, browser: &mut Browser) -> Answer {
        let url = format!("{}/api/auth/refresh", self.url);
        browser.post(&url).await
    }

    pub(crate) async fn logout(&self, browser: &mut Browser) -> Answer {
        browser.post(&format!("{}/api/auth/logout", self.url)).await
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

pub(crate) struct Deployment {
    pub(crate) provider: LocalProvider,
    pub(crate) processes: Vec<Process>,
    pub(crate) url: String,
    front: JoinHandle<()>,
}

impl Drop for Deployment {
    fn drop(&mut self) {
        self.front.abort();
    }
}

/// What the app asks the provider for.
const ASKED: [Endpoint; 3] = [Endpoint::Discovery, Endpoint::Jwks, Endpoint::Token];

impl Deployment {
    pub(crate) async fn start(sessions: Sessions, server: &str) -> Self {
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

    pub(crate) fn stranger(&self) -> Browser {
        Browser::of_app_at(&self.url)
    }

    pub(crate) async fn browser_of(&self, user: &str) -> Browser {
        let mut browser = self.stranger();
        let journey = browser.sign_in(user, None).await;
        assert!(journey.callback.makes_a_session(), "{journey:#?}");
        browser
    }

    /// A browser whose session is due, and good for as long again.
    pub(crate) async fn browser_that_is_due(&self, lifetime: Duration) -> Browser {
        self.provider.set_access_token_lifetime(lifetime);
        let browser = self.browser_of("alice").await;
        tokio::time::sleep(lifetime / 2 + Duration::from_millis(1100)).await;
        browser
    }

    pub(crate) fn token_calls(&self) -> usize {
        self.provider.calls(Endpoint::Token)
    }

    /// What each process answers, one after the other.
    pub(crate) async fn statuses(&self, browser: &mut Browser) -> Vec<u16> {
        let mut statuses = Vec::new();
        for process in &self.processes {
            statuses.push(process.page(browser).await.status.as_u16());
        }
        statuses
    }

    /// Whoever asks gets this answer, whichever process is asked, and waits no longer than one call
    /// does: ten times each, all processes at once.
    pub(crate) async fn all_answer(&self, browser: &Browser, status: u16) {
        /// Longer than one wait in vain, and shorter than two.
        const ONE_LIMIT: Duration = Duration::from_millis(3500);
        let begun = Instant::now();
        let mut asking = JoinSet::new();
        for process in &self.processes {
            let (mut browser, url) = (browser.clone(), format!("{}/me", process.url));
            asking.spawn(async move {
                for _ in 0..10 {
                    let answer = browser.fetch(&url).await;
                    match status {
                        503 => answer.refuses(
                            503,
                            "state_unavailable",
                            "Sessions cannot be checked now",
                        ),
                        status => assert_eq!(answer.status, status, "{answer:?}"),
                    }
                }
            });
        }
        asking.join_all().await;
        assert!(begun.elapsed() < ONE_LIMIT, "{:?}", begun.elapsed());
    }

    pub(crate) async fn restart(&mut self) {
        for process in &mut self.processes {
            process.restart().await;
        }
    }

    /// Whatever the provider is asked, it fails.
    pub(crate) fn provider_goes_down(&self) {
        for endpoint in ASKED {
            for _ in 0..100 {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                self.provider.answer_next(endpoint, status, "down");
            }
        }
    }

    /// It answers again: what is left of its failures is for nobody.
    pub(crate) async fn provider_comes_back(&self) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        for endpoint in ASKED {
            let url = format!("{}{}", self.provider.issuer(), endpoint.path());
            loop {
                let answer = http.post(&url).send().await.unwrap();
                if answer.text().await.unwrap() != "down" {
                    break;
                }
            }
        }
    }
}

pub(crate) async fn with_redis(sessions: Sessions) -> Option<(Deployment, RedisServer)> {
    let redis = RedisServer::start().await?;
    let deployment = Deployment::start(sessions, &redis.url()).await;
    Some((deployment, redis))
}

pub(crate) async fn with_postgres() -> Option<(Deployment, PostgresServer)> {
    let postgres = PostgresServer::start().await?;
    let pool = PgPoolOptions::new().connect(&postgres.url()).await.unwrap();
    PostgresStore::new(pool.clone()).migrate().await.unwrap();
    pool.close().await;
    let deployment = Deployment::start(Sessions::Postgres, &postgres.url()).await;
    Some((deployment, postgres))
}

/// The app, wherever it keeps its sessions; what it keeps them in ends with the test.
pub(crate) async fn with(sessions: Sessions) -> Option<(Deployment, Box<dyn Any + Send>)> {
    Some(match sessions {
        Sessions::Postgres => {
            let (app, postgres) = with_postgres().await?;
            (app, Box::new(postgres))
        }
        sessions => {
            let (app, redis) = with_redis(sessions).await?;
            (app, Box::new(redis))
        }
    })
}
