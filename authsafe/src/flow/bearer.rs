//! A request that carries an access token in the place of a session: what a guard does before the
//! handler.

use core::net::IpAddr;
use core::time::Duration;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use http::header::HeaderMap;
use jsonwebtoken::jwk::JwkSet;

use super::app::App;
use super::authenticate::Authenticated;
use super::why::Why;
use crate::clock::UnixSeconds;
use crate::config;
use crate::error::{GuardError, ProviderError};
use crate::log::metrics;
use crate::protocol::access_token::{self, AccessToken, AccessTokenError, Expected};
use crate::protocol::authorization_header::Credentials;
use crate::protocol::discovery::Metadata;
use crate::provider::Sender;
use crate::session::{Identity, Session, SessionId, SessionTokens};
use crate::state::{Asker, BearerTokens, INTROSPECTED, Introspected, Stranger, TokenHash};
use crate::types::{Token, Tokens, spawn};

impl App {
    /// Notes a refresh token that the provider gave the app: as an access token it opens nothing,
    /// here at once, and on the machines that share a state with this one as soon as they can be told.
    pub(super) fn note_refresh_token(self: &Arc<Self>, refresh_token: Option<&Token>) {
        let (Some(tokens), Some(refresh_token)) = (&self.bearer_tokens, refresh_token) else {
            return;
        };
        let hash = held_hash(refresh_token.expose_secret());
        if tokens.own.get(&hash).is_none() {
            tokens.note_own(hash, refresh_token.expose_secret());
            self.tell_of_refresh_tokens(vec![(hash, self.spec.session.max_age)]);
        }
    }

    /// [`note_refresh_token`](Self::note_refresh_token) of a session that came in the place of `spent`,
    /// whose own is held for as long as it could be an access token: each refresh leaves one.
    pub(super) fn note_new_refresh_token(self: &Arc<Self>, new: &Session, spent: &Session) {
        let (Some(tokens), Some(config)) = (&self.bearer_tokens, &self.config.bearer) else {
            return;
        };
        let Some(new) = new.refresh_token() else {
            return;
        };
        let hash = held_hash(new.expose_secret());
        if tokens.own.get(&hash).is_some() {
            return;
        }
        let spent = spent.refresh_token();
        let spent = spent.map(|spent| held_hash(spent.expose_secret()));
        tokens.note_own(hash, new.expose_secret());
        let max_age = self.spec.session.max_age;
        let mut held = vec![(hash, max_age)];
        held.extend(spent.map(|spent| (spent, config.max_age.min(max_age))));
        self.tell_of_refresh_tokens(held);
    }

    /// Tells the other machines of what this one holds, while nobody waits for it.
    fn tell_of_refresh_tokens(self: &Arc<Self>, held: Vec<(TokenHash, Duration)>) {
        if self.sessions.cluster().is_some() {
            let app = Arc::clone(self);
            spawn(Box::pin(async move {
                let Some(cluster) = app.sessions.cluster() else {
                    return;
                };
                for (hash, ttl) in held {
                    let _ = cluster.note_refresh_token(&hash, ttl).await;
                }
            }));
        }
    }
}

#[cfg(feature = "testing")]
impl App {
    /// Takes an access token for checked, and this for what it says. `None`: the app takes none.
    pub(crate) fn take_for_verified(&self, token: &str, identity: &Identity) -> Option<()> {
        let tokens = Tokens {
            access: Token::new(token),
            refresh: None,
            id: None,
        };
        let first = identity.encode().ok()?;
        let session = Session::decode(first, SessionTokens::Open(tokens.into()))?;
        let verified = &self.bearer_tokens.as_ref()?.verified;
        verified.put(token_hash(token), session);
        Some(())
    }
}

/// The hash that a refresh token is known by. `=` at its end is padding, which a provider may read as
/// nothing.
fn held_hash(token: &str) -> TokenHash {
    token_hash(token.trim_end_matches('='))
}

fn token_hash(token: &str) -> TokenHash {
    let mut hash = [0; 32];
    // A SHA-256 is as long as that.
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}

/// Opens the session that an access token makes. No cookie is read for it, and none is written.
pub(crate) async fn authenticate_bearer(
    app: &Arc<App>,
    credentials: Credentials<'_>,
    peer: Option<IpAddr>,
    request: &HeaderMap,
    now: UnixSeconds,
) -> Authenticated {
    let why = Why::default();
    let session = match (credentials, &app.config.bearer, &app.bearer_tokens) {
        (Credentials::Token(token), Some(config), Some(tokens)) => {
            let stranger = || app.clients.stranger(peer, request);
            Presented::new(app, config, tokens, (token, now), &why)
                .session(stranger)
                .await
        }
        (Credentials::Malformed, ..) => Err(GuardError::InvalidRequest),
        // Without the attribute's `bearer` there are no credentials.
        _ => Err(GuardError::InvalidToken),
    };
    Authenticated::unchanged(session.map(Some)).because(why)
}

/// A token, and what it is judged with.
struct Presented<'a> {
    app: &'a Arc<App>,
    config: &'a config::Bearer,
    tokens: &'a BearerTokens,
    token: &'a str,
    hash: TokenHash,
    now: UnixSeconds,
    why: &'a Why,
}

impl<'a> Presented<'a> {
    fn new(
        app: &'a Arc<App>,
        config: &'a config::Bearer,
        tokens: &'a BearerTokens,
        (token, now): (&'a str, UnixSeconds),
        why: &'a Why,
    ) -> Self {
        Self {
            app,
            config,
            tokens,
            token,
            hash: token_hash(token),
            now,
            why,
        }
    }

    async fn session(&self, stranger: impl FnOnce() -> Stranger) -> Result<Session, GuardError> {
        if self.tokens.own.get(&self.held_hash()).is_some() {
            return Err(self.refresh_token());
        }
        let known = self.known();
        metrics::cache("access_tokens", known.is_some());
        let session = match known {
            Some(known) => known?,
            None if access_token::is_jwt(self.token) => {
                let session = self.verify().await?;
                if self.is_held_elsewhere().await? {
                    return Err(self.refresh_token());
                }
                // Not before: what is remembered is not asked about again.
                self.tokens.verified.put(self.hash, session.clone());
                session
            }
            None => self.find_out(stranger()).await?,
        };
        // What was found out before may have changed since.
        if self.now >= session.expires_at() || self.app.sessions.is_revoked(&session) {
            return Err(GuardError::InvalidToken);
        }
        let current = self.app.sessions.current(session, self.now).await;
        let current = current.map_err(|_| GuardError::StateUnavailable)?;
        let session = current.ok_or(GuardError::InvalidToken)?;
        if access_token::is_jwt(self.token) {
            self.tokens.note_seen(self.token, &self.hash, &session);
        }
        Ok(session)
    }

    fn held_hash(&self) -> TokenHash {
        match self.token.ends_with('=') {
            true => held_hash(self.token),
            false => self.hash,
        }
    }

    /// Returns whether it is a refresh token that another machine holds. Asked once.
    async fn is_held_elsewhere(&self) -> Result<bool, GuardError> {
        let Some(cluster) = self.app.sessions.cluster() else {
            return Ok(false);
        };
        match cluster.is_refresh_token(&self.held_hash()).await {
            Ok(true) => self.tokens.note_own(self.held_hash(), self.token),
            Err(_) if self.app.sessions.must_know() => return Err(GuardError::StateUnavailable),
            Ok(false) | Err(_) => return Ok(false),
        }
        Ok(true)
    }

    /// Returns what this process knows of the token.
    fn known(&self) -> Option<Result<Session, GuardError>> {
        let (tokens, hash) = (self.tokens, &self.hash);
        if access_token::is_jwt(self.token) {
            return tokens.verified.get(hash).map(Ok);
        }
        let good = tokens.introspected.get(hash);
        let refused = tokens.refused.get(hash);
        let good = good.filter(|it| self.now < it.until).map(|it| it.found);
        let refused = refused.filter(|it| self.now < it.until);
        good.map(Ok)
            .or(refused.map(|_| Err(GuardError::InvalidToken)))
    }

    /// Asks the provider about an opaque token.
    async fn find_out(&self, stranger: Stranger) -> Result<Session, GuardError> {
        let asker = match self.tokens.good_before.get(&self.hash) {
            Some(()) => Asker::Known,
            None => Asker::Stranger(stranger),
        };
        let (app, token, now) = (Arc::clone(self.app), Token::new(self.token), self.now);
        let why = self.why.clone();
        let question = async move {
            let (Some(config), Some(tokens)) = (&app.config.bearer, &app.bearer_tokens) else {
                return Err(GuardError::InvalidToken);
            };
            let token = token.expose_secret();
            let presented = Presented::new(&app, config, tokens, (token, now), &why);
            if presented.is_held_elsewhere().await? {
                return Err(presented.refresh_token());
            }
            presented.introspect().await
        };
        let found = self.tokens.questions.ask(self.hash, asker, question).await;
        found.unwrap_or_else(|| {
            self.why
                .note("more opaque access tokens come than the provider is asked about");
            Err(GuardError::VerificationUnavailable)
        })
    }

    /// By the provider's keys; once an hour. It is no task of its own, for there is nothing to be done
    /// twice: whoever makes JWTs up leaves nothing behind, and keys are fetched once for all.
    async fn verify(&self) -> Result<Session, GuardError> {
        let provider = &self.app.provider;
        let metadata = self.metadata().await?;
        let check = |keys: &JwkSet| {
            let expected = self.expected(&metadata);
            access_token::verify(self.token, keys, &expected)
        };
        let verified = provider
            .check(&metadata, self.token, Sender::Anyone, check)
            .await
            .map_err(|error| self.unavailable(error))?;
        self.judge(verified, UnixSeconds::MAX)
    }

    /// By the provider's word (RFC 7662), which is good for a moment.
    async fn introspect(&self) -> Result<Session, GuardError> {
        let metadata = self.metadata().await?;
        let provider = &self.app.provider;
        let asked = provider.introspect(&metadata, self.token);
        let Some(answer) = asked.await.map_err(|error| self.unavailable(error))? else {
            self.why.note(
                "an opaque access token was refused: there is no introspection endpoint, or no client secret to ask it with"
            );
            return Err(GuardError::InvalidToken);
        };
        let until = self.now.saturating_add(INTROSPECTED.as_secs());
        let found = access_token::introspected(answer, &self.expected(&metadata));
        let judged = self.judge(found, until);
        match &judged {
            Ok(session) => {
                let found = session.clone();
                let known = Introspected { found, until };
                self.tokens.introspected.put(self.hash, known);
                self.tokens.good_before.put(self.hash, ());
            }
            Err(_) => {
                let known = Introspected { found: (), until };
                self.tokens.refused.put(self.hash, known);
                self.tokens.good_before.remove(&self.hash);
            }
        }
        judged
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, GuardError> {
        let metadata = self.app.provider.metadata().await;
        metadata.map_err(|error| self.unavailable(error))
    }

    fn expected<'m>(&'m self, metadata: &'m Metadata) -> Expected<'m> {
        Expected {
            client: self.app.provider.client(),
            issuer: &metadata.issuer,
            audience: &self.config.audience,
            algorithms: &metadata.algorithms,
            max_age: self.config.max_age,
            opaque_without_audience: self.config.opaque_without_audience,
            now: self.now,
        }
    }

    /// The session of a good token; `until`: what is known of it is good no longer.
    fn judge(
        &self,
        found: Result<AccessToken, AccessTokenError>,
        until: UnixSeconds,
    ) -> Result<Session, GuardError> {
        let found = found.map_err(|error| {
            self.why
                .note(format_args!("an access token was refused: {error}"));
            GuardError::InvalidToken
        })?;
        self.app.tell_of_spelling(&found.sub);
        self.app.told.left_out(&found.told.left_out);
        let identity = self.identity(found, until);
        let tokens = Tokens {
            access: Token::new(self.token),
            refresh: None,
            id: None,
        };
        let first = identity.encode().ok();
        let session =
            first.and_then(|first| Session::decode(first, SessionTokens::Open(tokens.into())));
        session.ok_or_else(|| {
            self.why
                .note("an access token was refused: its claims are larger than 64 KB");
            GuardError::InvalidToken
        })
    }

    fn identity(&self, token: AccessToken, until: UnixSeconds) -> Identity {
        // Half of a hash is as good a name; the token cannot be told from it. Of what was signed: an
        // ECDSA signature can be written in two ways.
        let signed = match access_token::is_jwt(self.token) {
            true => self.token.rsplit_once('.').map_or(self.token, |it| it.0),
            false => self.token,
        };
        let mut id = [0; 16];
        id.copy_from_slice(&digest(&SHA256, signed.as_bytes()).as_ref()[..16]);
        let id = SessionId(id);
        let expires_at = token.expires_at.min(until);
        Identity {
            email: token.told.email,
            email_verified: token.told.email_verified == Some(true),
            name: token.told.name,
            picture: token.told.picture,
            organization_id: token.told.organization,
            provider_session: token.sid,
            scopes: token.scopes,
            roles: token.told.roles.unwrap_or_default(),
            permissions: token.told.permissions.unwrap_or_default(),
            kept: token.told.kept.into(),
            // Not later than it was here, whatever the provider's clock says: who is signed out
            // from now on is so with this token.
            began_at: token.issued_at.min(self.now),
            issued_at: token.issued_at,
            active_at: self.now,
            expires_at,
            access_expires_at: expires_at,
            auth_time: token.auth_time,
            ..Identity::new(id, token.sub.into_string())
        }
    }

    fn refresh_token(&self) -> GuardError {
        let cause = "a refresh token of this app was shown as an access token, and refused";
        self.why.note(cause);
        GuardError::InvalidToken
    }

    fn unavailable(&self, error: ProviderError) -> GuardError {
        let cause = format_args!("an access token cannot be checked: {error}");
        self.why.note(cause);
        GuardError::VerificationUnavailable
    }
}
