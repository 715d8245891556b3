//! Where the app listens, and which provider it signs in with.

use std::env;
use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind, IsTerminal as _};
use std::net::{Ipv4Addr, Ipv6Addr};

use authsafe::dev::{LocalProvider, random_secret};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

pub const HELP: &str = "\
quickstart: a small axum app with sign-in by authsafe

    cargo run --bin quickstart

With nothing configured it starts a sign-in provider of its own on a free loopback port, with two
people to sign in as, and the app on http://localhost:3000. Open the app and try:

    /                 the home page, for anybody
    /dashboard        for whoever is signed in; Bob lands here
    /admin/dashboard  for whoever has the scope `admin`; Alice lands here, Bob is refused
    /staff            for whoever has the role `admin`, which is Alice too
    /me               the session as JSON

Variables, all optional:

    PORT                    where the app listens; 3000. 0 takes any free port
    AUTHSAFE_DOMAIN         your provider, such as https://identities.authsafe.in; with
    AUTHSAFE_CLIENT_ID      your client's id, used instead of the local provider. Register
                            http://localhost:3000/api/auth/callback as a redirect URI there
    AUTHSAFE_CLIENT_SECRET  your client's secret; none makes a public client
    AUTHSAFE_COOKIE_SECRET  what sessions are sealed under, 32 bytes or more; without it a new
                            one is made at each start, and a restart signs everybody out
    APP_URL                 where browsers reach the app; http://localhost:PORT
    RUST_LOG                what is logged; info";

const DEFAULT_PORT: u16 = 3000;

/// What the app runs with.
pub struct Settings {
    pub listener: TcpListener,
    app_url: String,
    cookie_secret: String,
    /// Stops when it is dropped, which is when the app ends.
    local: Option<LocalProvider>,
}

impl Settings {
    pub async fn read() -> Result<Self, Box<dyn Error>> {
        let listener = listen(port()?).await?;
        let port = listener.local_addr()?.port();
        let local = match (var("AUTHSAFE_DOMAIN"), var("AUTHSAFE_CLIENT_ID")) {
            (Some(_), Some(_)) => None,
            (None, None) => Some(LocalProvider::builder().demo().start().await?),
            (Some(_), None) => return Err(half("AUTHSAFE_DOMAIN", "AUTHSAFE_CLIENT_ID")),
            (None, Some(_)) => return Err(half("AUTHSAFE_CLIENT_ID", "AUTHSAFE_DOMAIN")),
        };
        Ok(Self {
            listener,
            app_url: var("APP_URL").unwrap_or_else(|| format!("http://localhost:{port}")),
            cookie_secret: match var("AUTHSAFE_COOKIE_SECRET") {
                Some(secret) => secret,
                None => random_secret()?,
            },
            local,
        })
    }

    /// What authsafe reads instead of the environment.
    pub fn var(&self, name: &str) -> Option<String> {
        match (name, &self.local) {
            ("APP_URL", _) => Some(self.app_url.clone()),
            ("AUTHSAFE_COOKIE_SECRET", _) => Some(self.cookie_secret.clone()),
            (_, Some(local)) => local.vars(&self.app_url)(name),
            _ => var(name),
        }
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let app = &self.app_url;
        let provider = self.var("AUTHSAFE_DOMAIN").unwrap_or_default();
        writeln!(f, "\n  app       {app}")?;
        write!(f, "  provider  {provider}")?;
        if self.local.is_none() {
            return writeln!(f, "\n\nOpen {app} and sign in. Ctrl-C stops it.");
        }
        writeln!(
            f,
            "  (local: it signs in Alice and Bob without a password)\n"
        )?;
        writeln!(f, "Open {app} and try:")?;
        writeln!(
            f,
            "  - sign in as Alice: she has the scope `admin` and lands on /admin/dashboard"
        )?;
        writeln!(
            f,
            "  - sign in as Bob: he lands on /dashboard, and is refused at /admin/dashboard"
        )?;
        writeln!(f, "  - {app}/me answers the session as JSON")?;
        writeln!(
            f,
            "\nCtrl-C stops both. --help says how to use your own provider."
        )
    }
}

/// A variable that is set to something.
fn var(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn half(set: &str, missing: &str) -> Box<dyn Error> {
    format!(
        "{set} is set and {missing} is not. Set both to use your own provider, or neither for the \
         local one."
    )
    .into()
}

fn port() -> Result<u16, Box<dyn Error>> {
    let Some(port) = var("PORT") else {
        return Ok(DEFAULT_PORT);
    };
    port.parse().map_err(|_| {
        format!("PORT is `{port}`; write a number from 0 to 65535, such as 3000").into()
    })
}

async fn listen(port: u16) -> Result<TcpListener, Box<dyn Error>> {
    let taken = |error: io::Error| -> Box<dyn Error> {
        match error.kind() {
            ErrorKind::AddrInUse => format!(
                "port {port} is taken by another program. Stop that one, or take another port: \
                 PORT={} cargo run --bin {} (PORT=0 takes any that is free)",
                port.checked_add(1).unwrap_or(DEFAULT_PORT),
                env!("CARGO_BIN_NAME"),
            ),
            ErrorKind::PermissionDenied => {
                format!("port {port} is not open to you. Take one above 1023, such as PORT=3000")
            }
            _ => format!("cannot listen on port {port}: {error}"),
        }
        .into()
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(taken)?;
    // Browsers try `localhost` on IPv6 first: whoever listens there would get our visitors.
    match TcpListener::bind((Ipv6Addr::LOCALHOST, listener.local_addr()?.port())).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(taken(error)),
        _ => Ok(listener),
    }
}

pub fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}
