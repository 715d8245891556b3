//! What a local provider is made of.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::client::Client;
use super::error::DevError;
use super::kept::Kept;
use super::keys::Keys;
use super::manner::Manner;
use super::provider::LocalProvider;
use super::shared::{Shared, random_secret};
use super::user::User;
use super::{client, server};

/// A description of a [`LocalProvider`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `start().await`"]
pub struct Builder {
    users: Vec<User>,
    clients: Vec<client::Client>,
    stray_redirect_uri: Option<String>,
    bind: String,
    like: Option<String>,
    keep: Option<PathBuf>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            users: Vec::new(),
            clients: Vec::new(),
            stray_redirect_uri: None,
            bind: "127.0.0.1:0".to_owned(),
            like: None,
            keep: None,
        }
    }

    /// Adds a user who can sign in. The page lists users in the order added.
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Adds an app that may ask for sign-in. With a secret it must send it, as `client_secret` in the
    /// body unless [`LocalProvider::set_client_auth`] says otherwise; without one it is a public client. Where no
    /// client is added, there is one, [`LocalProvider::DEFAULT_CLIENT_ID`], which may come without its secret.
    pub fn client(mut self, id: impl Into<String>, secret: Option<&str>) -> Self {
        self.clients.push(Client {
            id: id.into(),
            secret: secret.map(|secret| secret.to_owned().into()),
            may_be_public: false,
            redirect_uris: Vec::new(),
        });
        self
    }

    /// Adds a redirect URI to the client added last. Where none is added, the client may name any
    /// URI on loopback.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        match self.clients.last_mut() {
            Some(client) => client.redirect_uris.push(uri.into()),
            None => self.stray_redirect_uri = Some(uri.into()),
        }
        self
    }

    /// Sets the address to listen on: loopback only. `127.0.0.1:0`, any free port, unless said
    /// otherwise.
    pub fn bind(mut self, address: impl Into<String>) -> Self {
        self.bind = address.into();
        self
    }

    /// Behaves like the provider of this name, one of those that `provider = "..."` of
    /// `#[authsafe::routes]` knows: its claims lie where that one has them, its access tokens, its issuer,
    /// the scopes that it takes, its ways to refresh, revoke and sign out are as there. What a setter of
    /// [`LocalProvider`] sets afterwards wins.
    ///
    /// Roles are groups at providers that have no roles, and the organization is what that provider has in
    /// its place. At `"entra"` everybody is of the tenant `11111111-2222-3333-4444-555555555555`; at
    /// `"auth0"` roles are the claim `https://app.example.com/roles`.
    pub fn like(mut self, provider: impl Into<String>) -> Self {
        self.like = Some(provider.into());
        self
    }

    /// Keeps the signing key, the secrets and the refresh tokens in this file, so that sessions of apps outlive a
    /// restart of the provider. It is made where there is none, for its owner alone to read.
    pub fn keep(mut self, path: impl Into<PathBuf>) -> Self {
        self.keep = Some(path.into());
        self
    }

    /// Adds two users for a demo: Alice, an admin by scope and by role, and Bob, who is neither.
    pub fn demo(self) -> Self {
        self.user(
            User::new("alice")
                .name("Alice Admin")
                .email("alice@example.com")
                .scopes(["admin"])
                .roles(["admin"])
                .permissions(["users:read", "users:write"])
                .org_id("org_demo"),
        )
        .user(
            User::new("bob")
                .name("Bob Builder")
                .email("bob@example.com")
                .org_id("org_demo"),
        )
    }

    /// Makes the keys and starts to listen.
    ///
    /// # Errors
    ///
    /// Where the address is no loopback address or is taken, or where users or clients are
    /// missing or doubled.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn start(mut self) -> Result<LocalProvider, DevError> {
        let address = self.check()?;
        let manner = self.manner()?;
        let before = match &self.keep {
            Some(path) => Kept::read(path)?,
            None => None,
        };
        let (client_secret, cookie_secret) = match &before {
            Some(kept) => (kept.client_secret.clone(), kept.cookie_secret.clone()),
            None => (random_secret()?, random_secret()?),
        };
        if self.clients.is_empty() {
            self = self.client(LocalProvider::DEFAULT_CLIENT_ID, Some(&client_secret));
            if let Some(client) = self.clients.first_mut() {
                client.may_be_public = true;
            }
        }
        let bind = |source| DevError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let authority = listener.local_addr().map_err(bind)?;
        let key = before.as_ref().map(|kept| kept.key().ok_or(DevError::Key));
        let keys = match key.transpose()? {
            Some(key) => Keys::read(&key)?,
            None => tokio::task::spawn_blocking(Keys::generate)
                .await
                .map_err(|_| DevError::Key)??,
        };
        let grants = before.map_or_else(Vec::new, |kept| kept.grants);
        let keeps = match self.keep.take() {
            Some(path) => {
                let kept = Kept::new(&keys.pkcs8()?, client_secret, cookie_secret.clone());
                Some((path, kept))
            }
            None => None,
        };
        let shared = Arc::new(Shared::new(
            authority,
            self.users,
            self.clients,
            keys,
            manner,
            cookie_secret,
            keeps,
        ));
        shared.store().restore(grants, &shared.users);
        shared.keep()?;
        let server = tokio::spawn(server::run(listener, Arc::clone(&shared)));
        Ok(LocalProvider::new(shared, server))
    }

    fn manner(&self) -> Result<Option<&'static Manner>, DevError> {
        let named = self.like.as_ref().map(|name| {
            let unknown = || DevError::UnknownProvider(name.clone(), Manner::names());
            Manner::of(name).ok_or_else(unknown)
        });
        named.transpose()
    }

    fn check(&self) -> Result<SocketAddr, DevError> {
        let address: SocketAddr = self
            .bind
            .parse()
            .map_err(|_| DevError::Address(self.bind.clone()))?;
        if !address.ip().is_loopback() {
            return Err(DevError::NotLoopback(address));
        }
        if let Some(uri) = &self.stray_redirect_uri {
            return Err(DevError::RedirectUriWithoutClient(uri.clone()));
        }
        if self.users.is_empty() {
            return Err(DevError::NoUsers);
        }
        if let Some(id) = first_double(self.users.iter().map(|user| &user.id)) {
            return Err(DevError::DuplicateUser(id));
        }
        if let Some(id) = first_double(self.clients.iter().map(|client| &client.id)) {
            return Err(DevError::DuplicateClient(id));
        }
        Ok(address)
    }
}

fn first_double<'a>(ids: impl Iterator<Item = &'a String>) -> Option<String> {
    let mut seen = Vec::new();
    for id in ids {
        if seen.contains(&id) {
            return Some(id.clone());
        }
        seen.push(id);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(builder: Builder) -> String {
        builder.check().unwrap_err().to_string()
    }

    #[test]
    fn only_loopback_is_listened_on() {
        let demo = || Builder::new().demo();
        assert!(demo().check().is_ok());
        assert!(demo().bind("[::1]:4000").check().is_ok());
        assert!(demo().bind("127.8.0.1:0").check().is_ok());
        for open in ["0.0.0.0:80", "[::]:80", "10.0.0.1:80", "192.0.2.1:80"] {
            assert!(
                refusal(demo().bind(open)).contains("loopback only"),
                "{open}"
            );
        }
        assert!(refusal(demo().bind("localhost:80")).contains("is not an address"));
    }

    #[test]
    fn users_and_clients_are_there_and_told_apart() {
        assert!(refusal(Builder::new()).contains("no users"));
        assert!(refusal(Builder::new().demo().demo()).contains("`alice`"));
        let twice = Builder::new()
            .demo()
            .client("a", None)
            .client("a", Some("s"));
        assert!(refusal(twice).contains("two clients"));
        let stray = Builder::new().demo().redirect_uri("http://localhost/cb");
        assert!(refusal(stray).contains("belongs to a client"));
    }
}
