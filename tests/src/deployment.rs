//! An app's provider, clock, origin and settings: what a stage and a peer are built on.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use authsafe::dev::LocalProvider;
use authsafe::{Auth, Clock, Spec, StartError};
use axum::Router;
use tokio::task::JoinHandle;

use crate::Browser;

pub const COOKIE_SECRET: &str = "8Zz0w5Yt2mVq7cXrKp4nLs9dFh3gJb6A";
pub const CLIENT_SECRET: &str = "client-q7XrKp4nLs9dFh3gJb6A8Zz0";

pub struct Deployment {
    pub provider: LocalProvider,
    /// The app's clock. It stands still; [`pass`](Self::pass) moves it.
    pub clock: Clock,
    /// The app's origin.
    pub url: String,
    spec: &'static Spec,
    vars: HashMap<String, String>,
}

impl Deployment {
    /// With the socket that the app is to listen at. What `more` names has another value.
    pub(crate) fn new(
        spec: &'static Spec,
        provider: LocalProvider,
        more: HashMap<String, String>,
    ) -> (Self, TcpListener) {
        let (listener, url) = listener();
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
        vars.extend(more);
        let deployment = Self {
            provider,
            clock: Clock::at(Clock::default().now()),
            url,
            spec,
            vars,
        };
        (deployment, listener)
    }

    pub(crate) async fn start(&self) -> Result<Auth, StartError> {
        self.start_with(&self.vars).await
    }

    async fn start_with(&self, vars: &HashMap<String, String>) -> Result<Auth, StartError> {
        let lookup = |name: &str| vars.get(name).cloned();
        let clock = self.clock.clone();
        authsafe::__private::from_vars_with_clock(self.spec, lookup, clock).await
    }

    /// The app once more, on another machine.
    pub async fn again(&self) -> Auth {
        self.start().await.unwrap()
    }

    /// The app once more, after a new deployment with one variable changed.
    pub async fn again_with(&self, name: &str, value: &str) -> Auth {
        let mut vars = self.vars.clone();
        vars.insert(name.to_owned(), value.to_owned());
        self.start_with(&vars).await.unwrap()
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

    /// Time passes, for the app and for the provider.
    pub fn pass(&self, time: Duration) {
        self.clock.set(self.clock.now() + time.as_secs());
        self.provider.advance_clock(time);
    }
}

/// Serves an app on axum, with the session layer around it unless its author forgot that.
pub(crate) fn listen(
    listener: TcpListener,
    auth: &Auth,
    routes: Router,
    layered: bool,
) -> JoinHandle<()> {
    let app = match layered {
        true => routes.layer(auth.layer()),
        false => routes,
    };
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() })
}

/// Serves an app that does not know its clients' addresses, and returns its origin.
pub fn serve(app: Router) -> String {
    let (listener, url) = listener();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}
