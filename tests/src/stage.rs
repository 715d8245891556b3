//! A provider, an app and a clock, all of one test alone.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use authsafe::dev::{self, LocalProvider};
use authsafe::{Auth, Clock, Spec, StartError};
use axum::Router;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;

use crate::{Browser, app};

pub const COOKIE_SECRET: &str = "8Zz0w5Yt2mVq7cXrKp4nLs9dFh3gJb6A";
pub const CLIENT_SECRET: &str = "client-q7XrKp4nLs9dFh3gJb6A8Zz0";

pub struct Stage {
    pub provider: LocalProvider,
    pub auth: Auth,
    /// The app's clock. It stands still; [`pass`](Self::pass) moves it.
    pub clock: Clock,
    /// The app's origin.
    pub url: String,
    spec: &'static Spec,
    vars: HashMap<String, String>,
    _server: Server,
}

/// Stops with the stage.
struct Server(JoinHandle<()>);

pub struct Builder {
    spec: &'static Spec,
    pages: Router,
    layered: bool,
    around: fn(Router) -> Router,
    provider: Option<LocalProvider>,
    vars: HashMap<String, String>,
}

impl Stage {
    /// The app of [`crate::app`], with Alice and Bob.
    pub async fn new() -> Self {
        Self::builder().start().await
    }

    pub fn builder() -> Builder {
        Builder {
            spec: app::auth::SPEC,
            pages: app::pages(),
            layered: true,
            around: |router| router,
            provider: None,
            vars: HashMap::new(),
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// A browser in which somebody has signed in.
    pub async fn browser_of(&self, user: &str) -> Browser {
        let mut browser = self.browser();
        let journey = browser.sign_in(user, None).await;
        assert!(journey.callback.makes_a_session(), "{journey:#?}");
        browser
    }

    /// The same app on another machine: the same secrets and the same provider, nothing shared.
    pub async fn another_machine(&self) -> Self {
        let builder = Self::builder().var("AUTHSAFE_DOMAIN", self.provider.issuer());
        builder.start().await
    }

    /// The app once more, on another machine.
    pub async fn again(&self) -> Auth {
        deploy(self.spec, &self.vars, &self.clock).await.unwrap()
    }

    /// The app once more, after a new deployment with one variable changed.
    pub async fn again_with(&self, name: &str, value: &str) -> Auth {
        let mut vars = self.vars.clone();
        vars.insert(name.to_owned(), value.to_owned());
        deploy(self.spec, &vars, &self.clock).await.unwrap()
    }

    /// Time passes, for the app and for the provider.
    pub fn pass(&self, time: Duration) {
        self.clock.set(self.clock.now() + time.as_secs());
        self.provider.advance_clock(time);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Builder {
    pub fn spec(mut self, spec: &'static Spec) -> Self {
        self.spec = spec;
        self
    }

    pub fn pages(mut self, pages: Router) -> Self {
        self.pages = pages;
        self
    }

    /// What the author has put around all routes, within the session layer.
    pub fn around(mut self, around: fn(Router) -> Router) -> Self {
        self.around = around;
        self
    }

    /// The author forgot `.layer(auth.layer())`.
    pub fn without_layer(mut self) -> Self {
        self.layered = false;
        self
    }

    pub fn provider(mut self, provider: LocalProvider) -> Self {
        self.provider = Some(provider);
        self
    }

    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.vars.insert(name.to_owned(), value.to_owned());
        self
    }

    pub async fn start(self) -> Stage {
        self.try_start().await.unwrap()
    }

    pub async fn try_start(self) -> Result<Stage, StartError> {
        let provider = match self.provider {
            Some(provider) => provider,
            None => demo_provider().start().await.unwrap(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut vars = HashMap::from(
            [
                ("AUTHSAFE_DOMAIN", provider.issuer()),
                ("AUTHSAFE_CLIENT_ID", "app"),
                ("AUTHSAFE_CLIENT_SECRET", CLIENT_SECRET),
                ("AUTHSAFE_COOKIE_SECRET", COOKIE_SECRET),
                ("APP_URL", &url),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        vars.extend(self.vars);
        let clock = Clock::at(Clock::default().now());
        let auth = deploy(self.spec, &vars, &clock).await?;
        let mut router = (self.around)(self.pages.merge(auth.router()));
        if self.layered {
            router = router.layer(auth.layer());
        }
        let app = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Ok(Stage {
            provider,
            auth,
            clock,
            url,
            spec: self.spec,
            vars,
            _server: Server(server),
        })
    }
}

async fn deploy(
    spec: &'static Spec,
    vars: &HashMap<String, String>,
    clock: &Clock,
) -> Result<Auth, StartError> {
    let lookup = |name: &str| vars.get(name).cloned();
    authsafe::__private::from_vars_with_clock(spec, lookup, clock.clone()).await
}

/// Alice, Bob, and the client that the stage's app is.
pub fn demo_provider() -> dev::Builder {
    LocalProvider::builder()
        .demo()
        .client("app", Some(CLIENT_SECRET))
}

/// A port where nothing answers, and which nobody else takes until the socket is dropped.
pub fn reserve_port() -> (SocketAddr, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    socket.bind(any).unwrap();
    (socket.local_addr().unwrap(), socket)
}

/// Waits until something holds that others are working on; far longer than it can take.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never happened: {what}");
}
