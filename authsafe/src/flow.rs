//! The four stories, each from the request to the answer.
//!
//! What a flow has to say about cookies goes into `cookies`, which are on the answer whether
//! the flow succeeds or not.

use core::time::Duration;
use std::sync::Arc;

use http::StatusCode;
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use http::request::Parts;
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;

use crate::auth::{App, Auth};
use crate::clock::{self, UnixSeconds};
use crate::error::{CallbackError, LogoutError, ProviderError, RefreshError, SignInError};
use crate::hooks::Event;
use crate::protocol::access_token::{self, Grants, GrantsError};
use crate::protocol::authorize::{self, SignInQuery};
use crate::protocol::callback::AuthorizationResponse;
use crate::protocol::discovery::Metadata;
use crate::protocol::id_token::{self, Expected, IdClaims, IdTokenError};
use crate::protocol::jwks::SignatureError;
use crate::protocol::token::{TokenError, TokenSet};
use crate::protocol::transaction::Transaction;
use crate::protocol::{logout as rp_logout, origin};
use crate::response::{self, Response};
use crate::session::seal::Purpose;
use crate::session::{Identity, Second, Session, TooLarge, encode_tokens};
use crate::types::Tokens;

/// How many sign-ins may be in flight in one browser; the oldest give way.
const MAX_TRANSACTIONS: usize = 5;
/// How long an access token is good for where the provider does not say, in seconds.
const DEFAULT_EXPIRES_IN: Duration = Duration::from_secs(3600);

/// `GET signin`: from the visitor's wish to the provider's page.
pub(crate) async fn sign_in(
    app: &App,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, SignInError> {
    let query = SignInQuery::parse(request.uri.query().unwrap_or_default());
    let metadata = app.provider.metadata(&app.config).await?;

    let internal = |_| SignInError::Internal;
    let texts = [
        clock::random_text().map_err(internal)?,
        clock::random_text().map_err(internal)?,
        clock::random_text().map_err(internal)?,
    ];
    let now = app.clock.now();
    let transaction = Transaction::start(texts, query.return_to, now);

    drop_old_transactions(app, &request.headers, now, cookies);
    let name = app
        .config
        .cookies
        .transaction_name(&Transaction::label(&transaction.state));
    let max_age = app.spec.session.transaction;
    let cookie = app
        .config
        .keys
        .seal(Purpose::Transaction, &name, &transaction.encode(), None)
        .ok()
        .and_then(|value| app.config.cookies.set_transaction(&name, &value, max_age))
        .ok_or(SignInError::Internal)?;
    cookies.push(cookie);

    let client = authorize::Client {
        authorization_endpoint: &metadata.authorization,
        client_id: &app.config.client_id,
        redirect_uri: &app.config.redirect_uri,
        scopes: app.spec.scopes,
    };
    let url = authorize::request(&client, &transaction, &query.hints);
    app.emit(&Event::SignInStarted {
        return_to: transaction.return_to.as_ref().map(|path| path.as_str()),
    });
    Ok(response::see_other(url.as_str()))
}

/// Removes transactions that are over or not ours, and the oldest where there are too many.
fn drop_old_transactions(
    app: &App,
    headers: &HeaderMap,
    now: UnixSeconds,
    cookies: &mut Vec<HeaderValue>,
) {
    let max_age = app.spec.session.transaction.as_secs();
    let mut in_flight: Vec<(UnixSeconds, &str)> = app
        .config
        .cookies
        .transactions(headers)
        .map(|(name, value)| {
            let transaction = open_transaction(app, name, value);
            let live = transaction.filter(|it| !it.is_over(now, max_age));
            (live.map_or(0, |it| it.started_at), name)
        })
        .collect();
    in_flight.sort_unstable();
    let too_many = in_flight.len().saturating_sub(MAX_TRANSACTIONS - 1);
    for (at, (started_at, name)) in in_flight.into_iter().enumerate() {
        if at < too_many || started_at == 0 {
            cookies.extend(app.config.cookies.clear_transaction(name));
        }
    }
}

fn open_transaction(app: &App, name: &str, value: &[u8]) -> Option<Transaction> {
    let opened = app
        .config
        .keys
        .open_first(Purpose::Transaction, name, value)?;
    Transaction::decode(&opened)
}

/// `GET callback`: from the provider's answer to a session.
pub(crate) async fn callback(
    app: &App,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, CallbackError> {
    let answer = AuthorizationResponse::parse(request.uri.query().unwrap_or_default())?;
    // The transaction is found and closed before anything else is believed or sent.
    let transaction = close_transaction(app, &answer, &request.headers, cookies)?;

    let metadata = app.provider.metadata(&app.config).await?;
    answer.check_issuer(&metadata.issuer, metadata.sends_iss)?;
    let code = answer.into_code()?;

    let token_set = app
        .provider
        .exchange(&app.config, &metadata, code, &transaction)
        .await
        .map_err(|error| {
            tracing::warn!(%error, "the code was not exchanged");
            match error {
                TokenError::InvalidGrant => CallbackError::InvalidCode,
                TokenError::Refused(_) => CallbackError::RequestRefused,
                TokenError::Malformed(_) => ProviderError::BadAnswer.into(),
                TokenError::Transport(error) => error.into(),
            }
        })?;
    let verified = verify(app, &metadata, &token_set, Some(&transaction.nonce)).await?;
    let identity = new_identity(app, &token_set, verified)?;
    let session = write_session(app, identity, token_set.tokens, &request.headers, cookies)?;
    app.emit(&Event::SignedIn { session: &session });
    Ok(response::see_other(landing(app, &session, &transaction)))
}

/// Finds the transaction of a response by its `state`, and deletes it whatever comes of it.
fn close_transaction(
    app: &App,
    answer: &AuthorizationResponse,
    headers: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Transaction, CallbackError> {
    let state = answer.state.as_deref().ok_or(CallbackError::UnknownState)?;
    let name = app
        .config
        .cookies
        .transaction_name(&Transaction::label(state));
    let (_, value) = app
        .config
        .cookies
        .transactions(headers)
        .find(|(other, _)| *other == name)
        .ok_or(CallbackError::UnknownState)?;
    cookies.extend(app.config.cookies.clear_transaction(&name));
    let max_age = app.spec.session.transaction.as_secs();
    open_transaction(app, &name, value)
        .filter(|it| it.is_state(state))
        .filter(|it| !it.is_over(app.clock.now(), max_age))
        .ok_or(CallbackError::UnknownState)
}

/// Where a new session goes: the first rule that matches, unless a return path was given and
/// the rule is not `always`.
fn landing<'a>(app: &'a App, session: &Session, transaction: &'a Transaction) -> &'a str {
    let rule = app
        .spec
        .landing
        .iter()
        .find(|rule| rule.when.allows(session));
    match (rule, &transaction.return_to) {
        (Some(rule), None) => rule.to,
        (Some(rule), Some(_)) if rule.always => rule.to,
        (_, Some(return_to)) => return_to.as_str(),
        (None, None) => "/",
    }
}

/// What the tokens say, after every check.
struct Verified {
    id: Option<IdClaims>,
    /// `None`: the access token is not for us to read.
    grants: Option<Grants>,
}

/// The tokens are not what they should be.
enum VerifyError {
    Invalid,
    Provider(ProviderError),
}

impl From<ProviderError> for VerifyError {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<VerifyError> for CallbackError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Invalid => Self::InvalidIdToken,
            VerifyError::Provider(error) => error.into(),
        }
    }
}

impl From<VerifyError> for RefreshError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Invalid => Self::InvalidIdToken,
            VerifyError::Provider(error) => error.into(),
        }
    }
}

/// Verifies the ID token, and reads the access token by the same keys.
async fn verify(
    app: &App,
    metadata: &Metadata,
    token_set: &TokenSet,
    nonce: Option<&str>,
) -> Result<Verified, VerifyError> {
    let access_token = token_set.tokens.access.expose_secret();
    let check = |token: &str, keys: &JwkSet| {
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &app.config.client_id,
            algorithms: &metadata.algorithms,
            nonce,
            access_token,
            now: app.clock.now(),
        };
        id_token::verify(token, keys, &expected)
    };
    let mut keys = app.provider.keys(metadata).await?;
    let Some(id_token) = &token_set.tokens.id else {
        return Ok(Verified {
            id: None,
            grants: None,
        });
    };
    let mut verified = check(id_token.expose_secret(), &keys);
    if let Err(IdTokenError::Signature(SignatureError::UnknownKey)) = verified {
        // The provider may have changed its keys since we asked.
        keys = app.provider.newer_keys(metadata).await?;
        verified = check(id_token.expose_secret(), &keys);
    }
    let id = verified.map_err(|error| {
        tracing::warn!(%error, "the ID token was refused");
        VerifyError::Invalid
    })?;
    let grants = read_grants(app, metadata, &keys, access_token, &id.sub).await?;
    Ok(Verified {
        id: Some(id),
        grants,
    })
}

/// What the access token grants; the keys are asked for again where it needs newer ones.
async fn read_grants(
    app: &App,
    metadata: &Metadata,
    keys: &JwkSet,
    access_token: &str,
    subject: &str,
) -> Result<Option<Grants>, VerifyError> {
    let read = |keys: &JwkSet| {
        let algorithms = &metadata.algorithms;
        access_token::grants(access_token, keys, algorithms, &metadata.issuer, subject)
    };
    let mut grants = read(keys);
    if let Err(GrantsError::UnknownKey) = grants {
        grants = read(&*app.provider.newer_keys(metadata).await?);
    }
    match grants {
        Ok(grants) => Ok(grants),
        // Signed by somebody else, for somebody else.
        Err(GrantsError::UnknownKey) => Ok(None),
        Err(error @ GrantsError::OtherSubject) => {
            tracing::warn!(%error, "the access token was refused");
            Err(VerifyError::Invalid)
        }
    }
}

/// The identity of a sign-in: new in everything, its id too.
fn new_identity(
    app: &App,
    token_set: &TokenSet,
    verified: Verified,
) -> Result<Identity, CallbackError> {
    let Some(id) = verified.id else {
        tracing::warn!("the token answer holds no ID token: is the scope `openid` granted?");
        return Err(CallbackError::InvalidIdToken);
    };
    let requested = || {
        app.spec
            .scopes
            .iter()
            .map(|&scope| scope.to_owned())
            .collect()
    };
    let mut identity = Identity {
        id: clock::random().map_err(|_| CallbackError::Internal)?,
        user_id: id.sub.clone(),
        // RFC 6749 §5.1: a scope that is not told is the one that was asked for.
        scopes: token_set.scopes.clone().unwrap_or_else(requested),
        ..Identity::default()
    };
    apply(&mut identity, app, token_set, Some(id), verified.grants);
    Ok(identity)
}

/// Writes what new tokens say into an identity, and when it ends.
fn apply(
    identity: &mut Identity,
    app: &App,
    token_set: &TokenSet,
    id: Option<IdClaims>,
    grants: Option<Grants>,
) {
    let now = app.clock.now();
    identity.issued_at = now;
    identity.expires_at = now + app.spec.session.max_age.as_secs();
    let expires_in = token_set.expires_in.unwrap_or(DEFAULT_EXPIRES_IN);
    identity.access_expires_at = now.saturating_add(expires_in.as_secs());
    if let Some(id) = id {
        // At a refresh the provider may say less than at sign-in: what it leaves out stays.
        if id.email.is_some() {
            identity.email_verified = id.email_verified();
            identity.email = id.email;
        }
        identity.auth_time = id.auth_time.map(|it| it.seconds()).or(identity.auth_time);
        identity.name = id.name.or(identity.name.take());
        identity.picture = id.picture.or(identity.picture.take());
        identity.organization_id = id.org_id.or(identity.organization_id.take());
        identity.provider_session = id.sid.or(identity.provider_session.take());
        if let Some(roles) = id.roles {
            identity.roles = roles.whole();
        }
        if let Some(permissions) = id.permissions {
            identity.permissions = permissions.whole();
        }
    }
    if let Some(grants) = grants {
        // Where the access token is ours to read, it has the last word.
        if let Some(scopes) = grants.scopes {
            identity.scopes = scopes;
        }
        if let Some(roles) = grants.roles {
            identity.roles = roles;
        }
        if let Some(permissions) = grants.permissions {
            identity.permissions = permissions;
        }
        if let Some(organization) = grants.org_id {
            identity.organization_id = Some(organization);
        }
    }
}

/// A session could not be written.
enum WriteError {
    TooLarge,
    Internal,
}

impl From<TooLarge> for WriteError {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl From<WriteError> for CallbackError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::TooLarge => Self::SessionTooLarge,
            WriteError::Internal => Self::Internal,
        }
    }
}

impl From<WriteError> for RefreshError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::TooLarge => Self::SessionTooLarge,
            WriteError::Internal => Self::Internal,
        }
    }
}

/// Seals a session into cookies.
fn write_session(
    app: &App,
    identity: Identity,
    tokens: Tokens,
    request: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Session, WriteError> {
    let max_age = identity.expires_at.saturating_sub(app.clock.now());
    let (first, second) = (identity.encode()?, encode_tokens(&tokens)?);
    let name = app.config.cookies.session_name();
    let value = app
        .config
        .keys
        .seal(Purpose::Session, name, &first, Some(&second))
        .map_err(|_| WriteError::Internal)?;
    let set = app
        .config
        .cookies
        .set_session(request, &value, Duration::from_secs(max_age))
        .inspect_err(|_| {
            tracing::error!(
                bytes = value.len(),
                "the session is larger than cookies can hold: ask the provider for smaller tokens"
            );
        })?;
    cookies.extend(set);
    Session::decode(first, Second::Open(tokens)).ok_or(WriteError::Internal)
}

/// `POST logout`: ends the session here, at once, and at the provider, in its own time.
pub(crate) fn logout(
    auth: &Auth,
    app: &App,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, LogoutError> {
    if !origin::is_own(&request.headers, &app.config.app_url.origin()) {
        return Err(LogoutError::ForeignOrigin);
    }
    cookies.extend(app.config.cookies.clear_session(&request.headers));
    let session = app
        .session(&request.headers)
        .ok_or(LogoutError::NoSession)?;
    let tokens = session.tokens();
    app.emit(&Event::SignedOut { session: &session });

    let (refresh_token, id_token) = tokens.map_or((None, None), |it| (it.refresh, it.id));
    if let Some(refresh_token) = refresh_token {
        auth.in_background(|auth| async move {
            if let Some(app) = auth.app() {
                app.provider.revoke(&app.config, &refresh_token).await;
            }
        });
    }

    let query = SignInQuery::parse(request.uri.query().unwrap_or_default());
    let end_session = app.provider.known_metadata().and_then(|metadata| {
        let hint = id_token.as_ref().map(|token| token.expose_secret());
        let back = app.config.app_url.join(app.spec.after_logout);
        let endpoint = metadata.end_session.as_ref()?;
        Some(rp_logout::end_session(
            endpoint,
            &app.config.client_id,
            hint,
            &back,
        ))
    });
    let target = match (&end_session, &query.return_to) {
        (Some(url), _) => url.as_str(),
        (None, Some(return_to)) => return_to.as_str(),
        (None, None) => app.spec.after_logout,
    };
    Ok(if wants_json(&request.headers) {
        let body = RedirectTo {
            redirect_to: target,
        };
        response::json(StatusCode::OK, &body)
    } else {
        response::see_other(target)
    })
}

/// The answer to a logout by `fetch`.
#[derive(Serialize)]
struct RedirectTo<'a> {
    #[serde(rename = "redirectTo")]
    redirect_to: &'a str,
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).map_or(&b""[..], HeaderValue::as_bytes);
    let holds = |kind: &[u8]| accept.windows(kind.len()).any(|window| window == kind);
    holds(b"application/json") && !holds(b"text/html")
}

/// `POST refresh`: new tokens for the session.
pub(crate) async fn refresh(
    app: &App,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, RefreshError> {
    if !origin::is_own(&request.headers, &app.config.app_url.origin()) {
        return Err(RefreshError::ForeignOrigin);
    }
    let session = app
        .session(&request.headers)
        .ok_or(RefreshError::NoSession)?;
    let old = session.tokens().ok_or(RefreshError::NoSession)?;
    let refresh_token = old.refresh.ok_or(RefreshError::NoRefreshToken)?;

    let metadata = app.provider.metadata(&app.config).await?;
    let refreshed = app
        .provider
        .refresh(&app.config, &metadata, &refresh_token)
        .await;
    let mut token_set = refreshed.map_err(|error| {
        tracing::warn!(%error, "the session was not refreshed");
        match error {
            TokenError::InvalidGrant => {
                cookies.extend(app.config.cookies.clear_session(&request.headers));
                RefreshError::SessionEnded
            }
            TokenError::Refused(_) | TokenError::Malformed(_) => ProviderError::BadAnswer.into(),
            TokenError::Transport(error) => error.into(),
        }
    })?;

    let identity = match renewed_identity(app, &metadata, &session, &token_set).await {
        Err(VerifyError::Invalid) => {
            cookies.extend(app.config.cookies.clear_session(&request.headers));
            return Err(RefreshError::InvalidIdToken);
        }
        identity => identity?,
    };
    // RFC 6749 §6: the provider may keep the refresh token that we have.
    token_set.tokens.refresh.get_or_insert(refresh_token);
    if token_set.tokens.id.is_none() {
        token_set.tokens.id = old.id;
    }
    let session = write_session(app, identity, token_set.tokens, &request.headers, cookies)?;
    app.emit(&Event::Refreshed { session: &session });
    Ok(response::json(StatusCode::OK, &session))
}

/// The identity after a refresh: of the same user, or none (OpenID Connect Core §12.2).
async fn renewed_identity(
    app: &App,
    metadata: &Metadata,
    session: &Session,
    token_set: &TokenSet,
) -> Result<Identity, VerifyError> {
    let mut identity = session.identity();
    let mut verified = verify(app, metadata, token_set, None).await?;
    match &verified.id {
        Some(id) if id.sub != identity.user_id => {
            tracing::warn!("the refreshed ID token is another user's");
            return Err(VerifyError::Invalid);
        }
        Some(_) => {}
        None => {
            let keys: Arc<JwkSet> = app.provider.keys(metadata).await?;
            let access_token = token_set.tokens.access.expose_secret();
            let subject = &identity.user_id;
            verified.grants = read_grants(app, metadata, &keys, access_token, subject).await?;
        }
    }
    if let Some(scopes) = &token_set.scopes {
        identity.scopes.clone_from(scopes);
    }
    if verified.grants.is_some() {
        // Where the access token is ours to read, what it no longer names has been taken away.
        identity.roles.clear();
        identity.permissions.clear();
    }
    apply(&mut identity, app, token_set, verified.id, verified.grants);
    Ok(identity)
}
