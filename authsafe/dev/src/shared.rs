//! What all requests share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::client::Client;
use super::endpoint::Endpoint;
use super::error::DevError;
use super::kept::Kept;
use super::keys::Keys;
use super::knobs::{Knobs, Object};
use super::manner::Manner;
use super::store::Store;
use super::user::{STANDARD, User};

pub(super) struct Shared {
    /// `http://127.0.0.1:PORT`
    origin: String,
    /// What `AUTHSAFE_DOMAIN` is to be.
    pub(super) domain: String,
    /// The `iss` of tokens.
    pub(super) iss: String,
    /// The issuer that the discovery document names.
    pub(super) told_issuer: String,
    /// Whom it behaves like. `None`: AuthSafe, with all that it can do.
    pub(super) manner: Option<&'static Manner>,
    /// Local providers on one machine share the browser's cookies, whatever their ports.
    pub(super) cookie: String,
    pub(super) port: u16,
    pub(super) users: Vec<User>,
    pub(super) clients: Vec<Client>,
    /// For the apps: what they seal their cookies under.
    pub(super) cookie_secret: SecretString,
    /// Where it keeps what is to be there after a restart.
    keeps: Option<(PathBuf, Mutex<Kept>)>,
    pub(super) clock_offset: AtomicU64,
    calls: [AtomicUsize; Endpoint::ALL.len()],
    keys: Mutex<Keys>,
    knobs: Mutex<Knobs>,
    store: Mutex<Store>,
}

impl Shared {
    pub(super) fn new(
        authority: std::net::SocketAddr,
        users: Vec<User>,
        clients: Vec<Client>,
        keys: Keys,
        manner: Option<&'static Manner>,
        cookie_secret: String,
        keeps: Option<(PathBuf, Kept)>,
    ) -> Self {
        let origin = format!("http://{authority}");
        let of = |form: fn(&Manner, &str) -> String| {
            manner.map_or_else(|| origin.clone(), |manner| form(manner, &origin))
        };
        Self {
            domain: of(Manner::domain),
            iss: of(Manner::issuer),
            told_issuer: of(Manner::told_issuer),
            manner,
            origin,
            cookie: format!("authsafe_local_{}", authority.port()),
            port: authority.port(),
            users,
            clients,
            cookie_secret: cookie_secret.into(),
            keeps: keeps.map(|(path, kept)| (path, Mutex::new(kept))),
            clock_offset: AtomicU64::new(0),
            calls: Default::default(),
            keys: Mutex::new(keys),
            knobs: Mutex::new(manner.map_or_else(Knobs::default, Manner::knobs)),
            store: Mutex::new(Store::default()),
        }
    }

    /// Keeps what refresh tokens are good for, where it keeps anything.
    pub(super) fn keep(&self) -> Result<(), DevError> {
        let Some((path, kept)) = &self.keeps else {
            return Ok(());
        };
        let grants = self.store().kept(&self.users);
        let mut kept = lock(kept);
        kept.grants = grants;
        kept.write(path)
    }

    pub(super) fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.origin, endpoint.path())
    }

    /// The path of the discovery document (OpenID Connect Discovery §4).
    pub(super) fn document_path(&self) -> String {
        let path = self.domain.strip_prefix(&self.origin).unwrap_or_default();
        format!(
            "{}{}",
            path.trim_end_matches('/'),
            Endpoint::Discovery.path()
        )
    }

    /// The endpoint at a path.
    pub(super) fn endpoint(&self, path: &str) -> Option<Endpoint> {
        match path == self.document_path() {
            true => Some(Endpoint::Discovery),
            false => Endpoint::at(path).filter(|it| *it != Endpoint::Discovery),
        }
    }

    pub(super) fn sub(&self, user: &User) -> String {
        self.manner
            .map_or_else(|| user.sub(), |manner| manner.sub(user))
    }

    pub(super) fn has_userinfo(&self) -> bool {
        self.manner.is_none_or(|manner| manner.has_userinfo)
    }

    /// The scopes that everybody is granted.
    pub(super) fn standard_scopes(&self) -> Vec<&'static str> {
        self.manner
            .map_or_else(|| STANDARD.to_vec(), |manner| manner.scopes().collect())
    }

    pub(super) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    pub(super) fn user(&self, id: &str) -> Option<usize> {
        self.users.iter().position(|user| user.id == id)
    }

    pub(super) fn keys(&self) -> MutexGuard<'_, Keys> {
        lock(&self.keys)
    }

    pub(super) fn knobs(&self) -> MutexGuard<'_, Knobs> {
        lock(&self.knobs)
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    /// Lets a test change an object on its way out.
    pub(super) fn tampered(
        &self,
        what: Object,
        mut object: Map<String, Value>,
    ) -> Map<String, Value> {
        let tamper = self.knobs().tampers.get(&what).cloned();
        if let Some(tamper) = tamper {
            tamper(&mut object);
        }
        object
    }

    pub(super) fn calls(&self, endpoint: Endpoint) -> &AtomicUsize {
        &self.calls[endpoint as usize]
    }

    /// Seconds since 1970, ahead of the system's clock by what a test said.
    pub(super) fn now(&self) -> u64 {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        now.as_secs() + self.clock_offset.load(Ordering::Relaxed)
    }
}

/// A test's closure that panicked does not take the provider along.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a new secret of 256 random bits, as base64url: a cookie secret for a demo that keeps no
/// session over a restart.
///
/// # Errors
///
/// Where the system has no randomness to give.
pub fn random_secret() -> Result<String, DevError> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| DevError::Randomness)?;
    Ok(base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes))
}
