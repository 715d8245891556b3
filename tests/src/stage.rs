//! A deployment whose app is served on axum, with pages of a test's own.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::time::Duration;

use authsafe::dev::{self, LocalProvider};
use authsafe::{Auth, Spec, StartError};
use axum::{Extension, Router};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

use crate::deployment::{self, CLIENT_SECRET, Deployment};
use crate::{Door, app};

pub struct Stage {
    pub auth: Auth,
    /// Where handlers that have it as an `Extension` wait.
    pub door: Door,
    pub deployment: Deployment,
    _server: Server,
}

impl Deref for Stage {
    type Target = Deployment;

    fn deref(&self) -> &Deployment {
        &self.deployment
    }
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

    /// The same app on another machine: the same secrets and the same provider, nothing shared.
    pub async fn another_machine(&self) -> Self {
        let builder = Self::builder().var("AUTHSAFE_DOMAIN", self.provider.issuer());
        builder.start().await
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
        let (deployment, listener) = Deployment::new(self.spec, provider, self.vars);
        let auth = deployment.start().await?;
        let door = Door::default();
        let pages = self.pages.layer(Extension(door.clone()));
        let routes = (self.around)(pages.merge(auth.router()));
        let server = deployment::listen(listener, &auth, routes, self.layered);
        Ok(Stage {
            auth,
            door,
            deployment,
            _server: Server(server),
        })
    }
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
