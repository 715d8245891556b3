//! From tokens to who it is: every check, then the identity.

use core::time::Duration;

use jsonwebtoken::jwk::JwkSet;

use super::app::App;
use super::why::Why;
use crate::clock::{self, FineTime, UnixSeconds};
use crate::error::{CallbackError, ProviderError};
use crate::protocol::claim_paths::{self, ClaimSet, Sources, Told};
use crate::protocol::discovery::Metadata;
use crate::protocol::grants::{self, Grants, GrantsError};
use crate::protocol::id_token::{self, Expected, IdToken};
use crate::protocol::jwks::MayLackKey as _;
use crate::protocol::token_endpoint::TokenSet;
use crate::provider::Sender;
use crate::session::{Data, Identity, Session};
use crate::spec::AskUserInfo;
use crate::types::{Nonce, Scopes, Subject};

/// How long an access token is good for where the provider does not say.
const DEFAULT_EXPIRES_IN: Duration = Duration::from_secs(3600);

/// What the tokens say, after every check.
pub(super) struct Verified {
    id: Option<IdToken>,
    /// `None`: the access token is not for us to read.
    grants: Option<Grants>,
    userinfo: UserInfo,
}

/// What UserInfo said.
enum UserInfo {
    NotAsked,
    /// It was asked, and told nothing.
    Silent,
    Told(ClaimSet),
}

impl Verified {
    fn sources(&self) -> Sources<'_> {
        Sources {
            id_token: self.id.as_ref().map(|id| &id.claims),
            userinfo: match &self.userinfo {
                UserInfo::Told(claims) => Some(claims),
                UserInfo::NotAsked | UserInfo::Silent => None,
            },
            access_token: self.grants.as_ref().map(|grants| &grants.claims),
            access_token_is_ours: self.reads(true),
        }
    }

    /// Returns whether an access token is read that is for this app, or else for another API.
    fn reads(&self, ours: bool) -> bool {
        let grants = self.grants.as_ref();
        grants.is_some_and(|grants| grants.is_ours == ours)
    }
}

/// The tokens are not what they should be.
pub(super) enum VerifyError {
    Invalid,
    /// The ID token is by a key that the provider does not publish, or not yet.
    UnknownKey,
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
            VerifyError::Invalid | VerifyError::UnknownKey => Self::InvalidIdToken,
            VerifyError::Provider(error) => error.into(),
        }
    }
}

/// Whether the key of an access token may be one that the provider has published since.
#[derive(Clone, Copy)]
pub(super) enum AccessKey {
    /// It signed none that was read so far, and may be the API's own: it costs no fetch of keys.
    AsKnown,
    /// The session's was read before.
    MayBeNew,
}

/// Verifies the ID token, and reads the access token by the same keys.
pub(super) async fn verify(
    app: &App,
    metadata: &Metadata,
    token_set: &TokenSet,
    nonce: Option<&Nonce>,
    access_key: AccessKey,
    why: &Why,
) -> Result<Verified, VerifyError> {
    let access_token = token_set.tokens.access.expose_secret();
    let Some(id_token) = &token_set.tokens.id else {
        return Ok(Verified {
            id: None,
            grants: None,
            userinfo: UserInfo::NotAsked,
        });
    };
    let check = |keys: &JwkSet| {
        let expected = Expected {
            client: app.provider.client(),
            issuer: &metadata.issuer,
            algorithms: &metadata.algorithms,
            nonce,
            access_token,
            now: app.clock.now(),
        };
        id_token::verify(id_token.expose_secret(), keys, &expected)
    };
    let token = id_token.expose_secret();
    let id = app
        .provider
        .check(metadata, token, Sender::Provider, check)
        .await?
        .map_err(|error| {
            why.note(format_args!("the ID token was refused: {error}"));
            match error.lacks_key() {
                true => VerifyError::UnknownKey,
                false => VerifyError::Invalid,
            }
        })?;
    app.tell_of_spelling(&id.subject);
    let subject = id.subject.by_ref();
    let grants = read_grants(app, metadata, access_token, subject, access_key).await?;
    Ok(Verified {
        id: Some(id),
        grants: app.known_grants(grants),
        userinfo: UserInfo::NotAsked,
    })
}

/// Asks UserInfo about the user whom the ID token is of. A failure refuses nothing: what it would have
/// said is empty.
async fn ask_userinfo(
    app: &App,
    metadata: &Metadata,
    token_set: &TokenSet,
    user: Subject<&str>,
) -> UserInfo {
    let (access_token, now) = (&token_set.tokens.access, app.clock.now());
    let asked = app.provider.userinfo(metadata, access_token, user, now);
    asked.await.map_or(UserInfo::Silent, UserInfo::Told)
}

/// Returns what the access token grants. It is the API's: where it is not for us to read, it grants
/// nothing by itself, and refuses nothing.
async fn read_grants(
    app: &App,
    metadata: &Metadata,
    access_token: &str,
    subject: Subject<&str>,
    key: AccessKey,
) -> Result<Result<Option<Grants>, GrantsError>, ProviderError> {
    let read = |keys: &JwkSet| {
        let (algorithms, client) = (&metadata.algorithms, app.provider.client());
        let issuer = &metadata.issuer;
        grants::read(access_token, keys, algorithms, client, issuer, &subject)
    };
    let provider = &app.provider;
    match key {
        AccessKey::AsKnown => Ok(read(provider.keys(metadata).await?.as_ref())),
        AccessKey::MayBeNew => {
            let sender = Sender::Provider;
            provider.check(metadata, access_token, sender, read).await
        }
    }
}

/// The identity of a sign-in: new in everything, its id too.
pub(super) async fn new_identity(
    app: &App,
    metadata: &Metadata,
    token_set: &TokenSet,
    mut verified: Verified,
    began: FineTime,
    why: &Why,
) -> Result<Identity, CallbackError> {
    let Some(id) = &verified.id else {
        why.note("the token answer holds no ID token: is the scope `openid` granted?");
        return Err(CallbackError::InvalidIdToken);
    };
    let client = app.provider.client();
    let scopes = token_set.scopes.as_ref().unwrap_or(&client.scopes);
    let asks_userinfo = match app.spec.userinfo {
        AskUserInfo::Never => false,
        AskUserInfo::Always => true,
        AskUserInfo::Auto => client.claims.misses(verified.sources(), scopes),
    };
    if let Some(granted) = &token_set.scopes {
        // A refresh token says for itself that it was granted, and the ID token too.
        let is_told = |scope: &&str| match *scope {
            "openid" => true,
            "offline_access" => token_set.tokens.refresh.is_some(),
            scope => granted.iter().any(|it| it == scope),
        };
        let requested = app.spec.scopes.iter().copied();
        app.told.not_granted(requested.filter(|it| !is_told(it)));
    }
    let user_id = id.subject.as_str().to_owned();
    if asks_userinfo {
        let user = client.subjects.of(user_id.as_str());
        verified.userinfo = ask_userinfo(app, metadata, token_set, user).await;
    }
    let new = clock::random().map_err(|_| CallbackError::Internal)?;
    let mut identity = Identity {
        scopes: token_set.scopes.clone().unwrap_or_else(|| untold(app)),
        expires_at: UnixSeconds::MAX,
        asks_userinfo,
        ..Identity::beginning(new, began, user_id)
    };
    apply(&mut identity, app, token_set, &verified);
    Ok(identity)
}

/// The scopes of an answer that tells none. By RFC 6749 §5.1 they are those that were asked for;
/// but a provider that passes over scopes that it does not know tells none either, and a scope
/// that opens doors must not be granted by silence. So these are the ones that open none.
fn untold(app: &App) -> Scopes {
    app.provider.client().scopes.of_openid()
}

/// Writes what new tokens say into an identity, and when it ends.
fn apply(identity: &mut Identity, app: &App, token_set: &TokenSet, verified: &Verified) {
    let Verified {
        id,
        grants,
        userinfo,
    } = verified;
    let now = app.clock.now();
    identity.issued_at = now;
    identity.active_at = now;
    let longest = identity
        .began_at
        .saturating_add(app.spec.session.max_age.as_secs());
    let expires_in = token_set.expires_in.unwrap_or(DEFAULT_EXPIRES_IN);
    identity.access_expires_at = now.saturating_add(expires_in.as_secs());
    // What the provider does not say again still binds; what it says anew does in its place.
    let end = id.as_ref().and_then(|id| id.session_expiry);
    let end = end.map_or(identity.expires_at, |end| end.seconds());
    identity.expires_at = longest.min(end);
    let told = app.provider.client().claims.read(verified.sources());
    app.told.left_out(&token_set.left_out);
    tell_of_left_out(app, verified, &told);
    if let Some(id) = id {
        identity.auth_time = id.auth_time.map(|it| it.seconds()).or(identity.auth_time);
        identity.provider_session = id.sid.clone().or(identity.provider_session.take());
    }
    // At a refresh the provider may say less of who it is than at sign-in: that stays. What opens
    // doors does not.
    match (&told.email, told.email_verified) {
        (Some(_), verified) => identity.email_verified = verified == Some(true),
        // Of an address that is not named, and may be another one.
        (None, Some(verified)) => identity.email_verified &= verified,
        (None, None) => {}
    }
    identity.email = told.email.or(identity.email.take());
    identity.name = told.name.or(identity.name.take());
    identity.picture = told.picture.or(identity.picture.take());
    identity.reads_access_token = verified.reads(true);
    identity.reads_declared = verified.reads(false);
    if let Some(scopes) = grants.as_ref().and_then(|grants| grants.scopes.as_ref()) {
        // Where the access token is ours to read, it has the last word.
        identity.scopes.clone_from(scopes);
    }
    let is_told_anew = id.is_some() || !matches!(userinfo, UserInfo::NotAsked);
    if is_told_anew {
        identity.roles.clear();
        identity.permissions.clear();
        identity.organization_id = None;
        identity.kept = Data::default();
    }
    if let Some(roles) = told.roles {
        identity.roles = roles;
    }
    if let Some(permissions) = told.permissions {
        identity.permissions = permissions;
    }
    if let Some(organization) = told.organization {
        identity.organization_id = Some(organization);
    }
    if !told.kept.is_empty() {
        identity.kept = told.kept.into();
    }
}

fn tell_of_left_out(app: &App, verified: &Verified, told: &Told) {
    app.told.left_out(&told.left_out);
    if let Some(id) = &verified.id {
        app.told.left_out(&id.left_out);
    }
    if let Some(grants) = &verified.grants {
        let odd: Vec<_> = claim_paths::odd_scopes(&grants.claims).collect();
        app.told.left_out(&odd);
    }
}

/// The identity after a refresh: of the same user, or none (OpenID Connect Core §12.2).
pub(super) async fn renewed_identity(
    app: &App,
    metadata: &Metadata,
    session: &Session,
    token_set: &TokenSet,
    why: &Why,
) -> Result<Identity, VerifyError> {
    let mut identity = session.identity();
    identity.renewals = identity.renewals.wrapping_add(1);
    let was_read = identity.reads_access_token || identity.reads_declared;
    let access_key = match was_read {
        true => AccessKey::MayBeNew,
        false => AccessKey::AsKnown,
    };
    let mut verified = verify(app, metadata, token_set, None, access_key, why).await?;
    let user = app.provider.client().subjects.of(session.user().id());
    match &verified.id {
        Some(id) if id.subject != user => {
            match id.subject.differs_in_spelling(&user) {
                true => why.note(
                    "the refreshed ID token's `sub` is the session's with `authsafe|` before it, or \
                     without: where the provider is AuthSafe on a domain of yours, write \
                     `endpoints(authsafe)`"
                ),
                false => why.note("the refreshed ID token is another user's"),
            }
            return Err(VerifyError::Invalid);
        }
        Some(_) => {}
        None => {
            let access_token = token_set.tokens.access.expose_secret();
            let grants = read_grants(app, metadata, access_token, user, access_key).await?;
            // Nothing else says whose the new tokens are.
            let is_of_another = grants.as_ref().is_err_and(GrantsError::is_of_another);
            if was_read && is_of_another {
                why.note(
                    "the refreshed access token is another user's, and no ID token is beside it",
                );
                return Err(VerifyError::Invalid);
            }
            verified.grants = app.known_grants(grants);
        }
    }
    let asks_userinfo = match app.spec.userinfo {
        AskUserInfo::Never => false,
        AskUserInfo::Always => true,
        AskUserInfo::Auto => session.asks_userinfo(),
    };
    if asks_userinfo {
        verified.userinfo = ask_userinfo(app, metadata, token_set, user).await;
    }
    // Where the access token is ours to read, what it no longer names has been taken away. Where it
    // was and is no longer, nothing holds up what it granted.
    let is_granted_anew = verified.grants.is_some() || was_read;
    match &token_set.scopes {
        Some(scopes) => identity.scopes.clone_from(scopes),
        None if verified.reads(true) || identity.reads_access_token => {
            identity.scopes = untold(app)
        }
        // RFC 6749 §6: what is not told is what it was.
        None => {}
    }
    if is_granted_anew {
        identity.roles.clear();
        identity.permissions.clear();
        identity.organization_id = None;
        identity.kept = Data::default();
    }
    // OpenID Connect Core §12.2: that of the sign-in. A refresh is no new one, and no use of the
    // app: the request that it is for may be one.
    let (auth_time, active_at) = (identity.auth_time, identity.active_at);
    apply(&mut identity, app, token_set, &verified);
    (identity.auth_time, identity.active_at) = (auth_time, active_at);
    Ok(identity)
}
