//! One app on axum, actix-web and hyper, and stories that have to read the same on each.

mod apps;
mod policies;
mod tale;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;

use authsafe::Spec;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;
use url::Url;

use crate::answer::with_port;
use crate::{Answer, Deployment, app, demo_provider};
use apps::Running;

pub use tale::Tale;

/// What serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framework {
    Axum,
    Actix,
    Hyper,
}

/// How the app is set up.
#[derive(Clone, Copy)]
pub struct Setup {
    pub spec: &'static Spec,
    /// Did the author put the session layer around it?
    pub layered: bool,
    /// Are there settings to start with?
    pub configured: bool,
    /// Does it serve files, wherever no handler is?
    pub files: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            spec: app::auth::SPEC,
            layered: true,
            configured: true,
            files: false,
        }
    }
}

/// A deployment of one story on one framework.
pub struct Peer {
    pub framework: Framework,
    deployment: Deployment,
    _app: Running,
}

impl Deref for Peer {
    type Target = Deployment;

    fn deref(&self) -> &Deployment {
        &self.deployment
    }
}

impl Peer {
    async fn new(framework: Framework, setup: Setup) -> Self {
        let provider = demo_provider().start().await.unwrap();
        let (deployment, listener) = Deployment::new(setup.spec, provider, HashMap::new());
        let auth = match setup.configured {
            true => deployment.again().await,
            false => app::nowhere::auth::from_env_or_unconfigured().await,
        };
        Self {
            framework,
            deployment,
            _app: apps::serve(framework, listener, auth, setup),
        }
    }

    /// The name of one of the app's cookies, as it is sent to this peer.
    pub fn cookie_name(&self, name: &str) -> String {
        with_port(name, &Url::parse(&self.url).unwrap())
    }

    /// Says this over a socket of its own, as it is written, and reads to the end.
    pub async fn say(&self, request: &str, headers: &[(&str, &str)]) -> Answer {
        self.say_from(Ipv4Addr::LOCALHOST, request, headers).await
    }

    /// [`say`](Self::say), with a `Host` of its own.
    pub async fn say_as(&self, request: &str, headers: &[(&str, &str)]) -> Answer {
        self.saying_as(None, Ipv4Addr::LOCALHOST, request, headers)
            .await
    }

    /// [`say`](Self::say), from another address of this machine.
    pub async fn say_from(
        &self,
        from: Ipv4Addr,
        request: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.saying(from, request, headers).await
    }

    /// [`say_from`](Self::say_from), while others speak; who drops it has hung up.
    pub fn saying(
        &self,
        from: Ipv4Addr,
        request: &str,
        headers: &[(&str, &str)],
    ) -> impl Future<Output = Answer> + Send + use<> {
        let host = Url::parse(&self.url).unwrap().authority().to_owned();
        self.saying_as(Some(&host), from, request, headers)
    }

    fn saying_as(
        &self,
        named: Option<&str>,
        from: Ipv4Addr,
        request: &str,
        headers: &[(&str, &str)],
    ) -> impl Future<Output = Answer> + Send + use<> {
        let url = Url::parse(&self.url).unwrap();
        let host = url.authority().to_owned();
        let named = named.map_or(String::new(), |it| format!("host: {it}\r\n"));
        let mut text = format!("{request}\r\n{named}connection: close\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += "\r\n";
        async move {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(SocketAddr::new(from.into(), 0)).unwrap();
            let mut socket = socket.connect(host.parse().unwrap()).await.unwrap();
            socket.write_all(text.as_bytes()).await.unwrap();
            let mut answer = String::new();
            socket.read_to_string(&mut answer).await.unwrap();
            Answer::read(url, &answer)
        }
    }
}

/// Tells the story on each framework; every word of it has to be the same.
#[track_caller]
pub fn alike(story: impl AsyncFn(&Peer, &mut Tale)) -> impl Future<Output = Vec<String>> {
    alike_in(Setup::default(), story)
}

/// [`alike`], with the app set up like this. The tale, for what else there is to say about it.
pub async fn alike_in(setup: Setup, story: impl AsyncFn(&Peer, &mut Tale)) -> Vec<String> {
    let mut first: Option<Vec<String>> = None;
    for framework in [Framework::Axum, Framework::Actix, Framework::Hyper] {
        let peer = Peer::new(framework, setup).await;
        let mut tale = Tale::of(&peer);
        story(&peer, &mut tale).await;
        let told = tale.told();
        assert!(!told.is_empty());
        match &first {
            None => first = Some(told),
            Some(first) => tale::assert_alike(framework, first, &told),
        }
    }
    first.unwrap()
}
