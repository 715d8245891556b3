//! The handle on a running provider.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::StatusCode;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};
use tokio::task::JoinHandle;

use super::builder::Builder;
use super::claims;
use super::endpoint::Endpoint;
use super::error::DevError;
use super::knobs::{ClaimForm, ClientAuth, Object};
use super::shared::{Shared, random_secret};
use super::store::{Access, Grant};

/// A running local provider. It stops when this is dropped.
pub struct LocalProvider {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl LocalProvider {
    /// The client that there is where no other was added: with its secret or without, any loopback redirect
    /// URI.
    pub const DEFAULT_CLIENT_ID: &'static str = "quickstart";

    /// Begins to describe a provider.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(super) fn new(shared: Arc<Shared>, server: JoinHandle<()>) -> Self {
        Self { shared, server }
    }

    /// Returns the value for `AUTHSAFE_DOMAIN`: `http://127.0.0.1:PORT`, with the path of the issuer of the provider
    /// that it behaves [like](Builder::like).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.shared.domain
    }

    /// Returns the value for `AUTHSAFE_CLIENT_ID`: the id of the first client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        // `start` adds a client where there is none.
        self.shared
            .clients
            .first()
            .map_or(Self::DEFAULT_CLIENT_ID, |client| client.id.as_str())
    }

    /// Returns the settings of an app at `app_url`, by the names that `#[authsafe::routes]` reads: all that
    /// `auth::from_vars(provider.vars("http://localhost:3000"))` needs.
    ///
    /// They are `AUTHSAFE_DOMAIN`, `AUTHSAFE_CLIENT_ID`, `AUTHSAFE_CLIENT_SECRET` (where the first client has
    /// one), `AUTHSAFE_COOKIE_SECRET` and `APP_URL`; of other variables it knows nothing. The cookie secret is
    /// the same as long as the provider runs, so that each process of an app opens the others' sessions. The
    /// provider has to outlive the app: keep it.
    pub fn vars(
        &self,
        app_url: &str,
    ) -> impl Fn(&str) -> Option<String> + Clone + Send + Sync + use<> {
        let (shared, app_url) = (Arc::clone(&self.shared), app_url.to_owned());
        let client_id = self.client_id().to_owned();
        move |name| {
            let client = shared.clients.first();
            match name {
                "APP_URL" => Some(app_url.clone()),
                "AUTHSAFE_DOMAIN" => Some(shared.domain.clone()),
                "AUTHSAFE_CLIENT_ID" => Some(client_id.clone()),
                "AUTHSAFE_CLIENT_SECRET" => {
                    let secret = client?.secret.as_ref()?;
                    Some(secret.expose_secret().to_owned())
                }
                "AUTHSAFE_COOKIE_SECRET" => Some(shared.cookie_secret.expose_secret().to_owned()),
                _ => None,
            }
        }
    }

    /// Returns how often an endpoint was called, whatever it answered.
    #[must_use]
    pub fn calls(&self, endpoint: Endpoint) -> usize {
        self.shared.calls(endpoint).load(Ordering::SeqCst)
    }

    /// Answers the next call of an endpoint with this and does nothing else. Called again, it
    /// queues one more answer for one more call.
    pub fn answer_next(&self, endpoint: Endpoint, status: StatusCode, body: impl Into<String>) {
        let mut knobs = self.shared.knobs();
        let queue = knobs.canned.entry(endpoint).or_default();
        queue.push_back((status, body.into()));
    }

    /// Makes every call of an endpoint wait this long before anything happens. Zero ends it.
    pub fn delay(&self, endpoint: Endpoint, delay: Duration) {
        self.shared.knobs().delays.insert(endpoint, delay);
    }

    /// Signs with a new key from now on. The old keys stay published, so older tokens stay good.
    ///
    /// # Errors
    ///
    /// Where no key could be made.
    pub fn rotate_keys(&self) -> Result<(), DevError> {
        self.shared.keys().rotate()
    }

    /// Publishes only the key that signs now.
    pub fn retire_old_keys(&self) {
        self.shared.keys().retire_old();
    }

    /// Revokes every token given out so far and signs everybody out.
    pub fn revoke_all(&self) {
        self.shared.store().revoke_all();
    }

    /// Makes a logout token for the first client, as it is posted to that client's back-channel logout
    /// endpoint: it ends the sessions of a user (`sub`, as in ID tokens) or those of one session at
    /// this provider (`sid`, likewise). A new one each time.
    ///
    /// # Errors
    ///
    /// Where it could not be signed.
    pub fn logout_token(&self, sub: Option<&str>, sid: Option<&str>) -> Result<String, DevError> {
        claims::logout_token(&self.shared, self.client_id(), sub, sid)
    }

    /// Makes an access token for an API, as a user of another app has one: of a user (the id
    /// given to `User::new`), for an audience (`aud`), with these scopes, granted or not. It is a
    /// JWT of RFC 9068, or [opaque](Self::set_opaque_access_tokens). A new one each time.
    ///
    /// # Errors
    ///
    /// Where there is no such user, or it could not be signed.
    pub fn access_token(
        &self,
        user: &str,
        audience: &str,
        scopes: &[&str],
    ) -> Result<String, DevError> {
        let shared = &self.shared;
        let unknown = || DevError::UnknownUser(user.to_owned());
        let now = shared.now();
        let grant = Grant {
            client_id: self.client_id().to_owned(),
            user: shared.user(user).ok_or_else(unknown)?,
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            sid: random_secret()?,
            auth_time: now,
            has_refresh_token: false,
        };
        let access = Access {
            grant: shared.store().add_grant(grant.clone()),
            audience: audience.to_owned(),
            scopes: grant.scopes.clone(),
            issued_at: now,
            expires_at: now + shared.knobs().access_token_lifetime.as_secs(),
        };
        let token = claims::access_token(shared, &grant, &access)?;
        shared.store().add_access(token.clone(), access);
        Ok(token)
    }

    /// Sets whether access tokens from now on are opaque: random text that introspection alone explains.
    pub fn set_opaque_access_tokens(&self, on: bool) {
        self.shared.knobs().opaque_access_tokens = on;
    }

    /// Sets how clients have to send their secret, in fact and by the discovery document. In the body at
    /// first.
    pub fn set_client_auth(&self, method: ClientAuth) {
        self.shared.knobs().client_auth = method;
    }

    /// Moves the provider's clock ahead: codes and tokens age at once.
    pub fn advance_clock(&self, by: Duration) {
        let offset = &self.shared.clock_offset;
        offset.fetch_add(by.as_secs(), Ordering::Relaxed);
    }

    /// Sets how long access tokens made from now on last, in whole seconds. One hour at first.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.shared.knobs().access_token_lifetime = lifetime;
    }

    /// Sets how access tokens write `scope`. A string at first.
    pub fn set_scope_form(&self, form: ClaimForm) {
        self.shared.knobs().scope_form = form;
    }

    /// Sets how access tokens write `roles` and `permissions`. An array at first.
    pub fn set_roles_form(&self, form: ClaimForm) {
        self.shared.knobs().roles_form = form;
    }

    /// Sets whether a refresh token is good once and replaced by another. On at first; off,
    /// the answer to a refresh has no refresh token.
    pub fn set_refresh_rotation(&self, on: bool) {
        self.shared.knobs().rotate_refresh_tokens = on;
    }

    /// Sets whether authorization responses carry `iss` and discovery says so (RFC 9207). On at first.
    pub fn set_response_iss(&self, on: bool) {
        self.shared.knobs().response_iss = on;
    }

    /// Sets whether there is an end-session endpoint. On at first.
    pub fn set_end_session(&self, on: bool) {
        self.shared.knobs().end_session = on;
    }

    /// Sets whether ID tokens from now on have a signature that does not verify.
    pub fn set_corrupt_signatures(&self, on: bool) {
        self.shared.knobs().corrupt_signatures = on;
    }

    /// Undoes everything that a `tamper` method or [`set_corrupt_signatures`] changed.
    ///
    /// [`set_corrupt_signatures`]: Self::set_corrupt_signatures
    pub fn stop_tampering(&self) {
        let mut knobs = self.shared.knobs();
        knobs.corrupt_signatures = false;
        knobs.tampers.clear();
    }

    /// Stops, and waits until the port is free again.
    pub async fn stop(mut self) {
        self.server.abort();
        // The task was cancelled, which is what it answers.
        let _ = (&mut self.server).await;
    }
}

/// Methods that change an object on its way out, each by name.
macro_rules! tamper {
    ($($(#[$doc:meta])* $name:ident: $object:ident,)+) => {
        impl LocalProvider {
            $(
                $(#[$doc])*
                pub fn $name(
                    &self,
                    change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static,
                ) {
                    self.shared.knobs().tampers.insert(Object::$object, Arc::new(change));
                }
            )+
        }
    };
}

tamper! {
    /// Changes the claims of each ID token before it is signed.
    tamper_id_token: IdToken,
    /// Changes the header of each ID token before it is signed. The signature stays RS256 by the
    /// current key, whatever `alg` and `kid` then say.
    tamper_id_token_header: IdTokenHeader,
    /// Changes the claims of each access token before it is signed.
    tamper_access_token: AccessToken,
    /// Changes the header of each access token before it is signed. The signature stays RS256 by
    /// the current key.
    tamper_access_token_header: AccessTokenHeader,
    /// Changes each good answer of the introspection endpoint.
    tamper_introspection: Introspection,
    /// Changes each good answer of the UserInfo endpoint.
    tamper_userinfo: UserInfo,
    /// Changes the claims of each [logout token](Self::logout_token) before it is signed.
    tamper_logout_token: LogoutToken,
    /// Changes the header of each logout token before it is signed. The signature stays RS256 by
    /// the current key.
    tamper_logout_token_header: LogoutTokenHeader,
    /// Changes each good answer of the token endpoint.
    tamper_token_response: TokenResponse,
    /// Changes the discovery document.
    tamper_discovery: Discovery,
}

impl Drop for LocalProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for LocalProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalProvider")
            .field("issuer", &self.shared.iss)
            .finish_non_exhaustive()
    }
}
