//! New tokens for a session, from the provider.

use core::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;

use super::app::App;
use super::identity::{VerifyError, renewed_identity};
use super::to_the_end::to_the_end;
use super::unsaved::UnsavedToken;
use super::why::Why;
use crate::error::{Error, ProviderError, RefreshError};
use crate::lifecycle::{RefreshGrant, SealedSession};
use crate::log::metrics;
use crate::protocol::discovery::Metadata;
use crate::protocol::token_endpoint::TokenError;
use crate::session::{Identity, KeptTokens, Session};
use crate::spec::{Event, Occasion, path_of};
use crate::state::Shared;
use crate::types::Token;

/// New tokens for `session`: fetched now, or by another request a moment ago. Where the provider has
/// ended the session, it ends here too.
pub(crate) async fn renew(
    app: &Arc<App>,
    request: &Parts,
    peer: Option<IpAddr>,
    session: &Session,
    why: &Why,
) -> Result<Arc<SealedSession>, RefreshError> {
    let (method, path) = (request.method.clone(), path_of(request).to_owned());
    let client = app.client_by(peer, request);
    let grant = Grant {
        app: Arc::clone(app),
        why: why.clone(),
    };
    let session = session.clone();
    let renewal = to_the_end(Box::pin(async move {
        let app = &grant.app;
        match app.sessions.renew(&session, &grant).await? {
            Shared::Led(renewed) => {
                app.note_new_refresh_token(&renewed.session, &session);
                if renewed.lacking.is_none() && renewed.is_exchanged_here {
                    let session = &renewed.session;
                    let occasion = Occasion {
                        method: Some(&method),
                        path: Some(&path),
                        ..Occasion::by(client, app.clock.now())
                    };
                    app.emit(&Event::Refreshed { session, occasion });
                }
                Ok(renewed)
            }
            Shared::Followed(renewed) => Ok(renewed),
        }
    }));
    renewal.await.unwrap_or(Err(RefreshError::Internal))
}

/// The provider's refresh token grant (RFC 6749 §6).
struct Grant {
    app: Arc<App>,
    why: Why,
}

impl RefreshGrant for Grant {
    type Ready = Arc<Metadata>;

    async fn prepare(&self, session: &Session) -> Result<Arc<Metadata>, RefreshError> {
        let app = &self.app;
        if app.bearer_tokens.is_some() {
            app.note_refresh_token(session.refresh_token().as_ref());
        }
        let metadata = app.provider.metadata().await?;
        app.provider.keys(&metadata).await?;
        Ok(metadata)
    }

    async fn exchange(
        &self,
        metadata: &Arc<Metadata>,
        session: &Session,
        tokens: KeptTokens,
    ) -> Result<SealedSession, RefreshError> {
        let exchanged = exchange(&self.app, metadata, session, tokens, &self.why).await;
        metrics::refresh(match &exchanged {
            Ok(sealed) => match sealed.lacking {
                None => "ok",
                Some(error) => Error::from(RefreshError::from(error)).code(),
            },
            Err(error) => Error::from(*error).code(),
        });
        exchanged
    }

    fn revoke(&self, session: &Session) {
        self.app.revoke_in_background(session.refresh_token());
    }
}

/// Exchanges the refresh token for new tokens, and seals them.
async fn exchange(
    app: &Arc<App>,
    metadata: &Metadata,
    session: &Session,
    old: KeptTokens,
    why: &Why,
) -> Result<SealedSession, RefreshError> {
    let refresh_token = old.refresh.clone().ok_or(RefreshError::NoRefreshToken)?;
    // What the session had before stays its own whatever comes.
    let is_new = |token: &Token| token.expose_secret() != refresh_token.expose_secret();
    let refreshed = app.provider.refresh(metadata, &refresh_token).await;
    let mut token_set = refreshed.map_err(|error| {
        why.note(format_args!("the session was not refreshed: {error}"));
        match error {
            TokenError::InvalidGrant(_) => RefreshError::SessionEnded,
            TokenError::Refused(_) => RefreshError::RequestRefused,
            TokenError::Malformed(_, _, dropped) => {
                app.revoke_in_background(dropped.filter(is_new));
                ProviderError::BadAnswer.into()
            }
            TokenError::Trouble(_) => ProviderError::Unavailable.into(),
            TokenError::Transport(error) => error.into(),
        }
    })?;
    let unsaved = UnsavedToken::new(app, token_set.tokens.refresh.clone().filter(is_new));
    // RFC 6749 §6: the provider may keep the refresh token that we have.
    token_set
        .tokens
        .refresh
        .get_or_insert(refresh_token.clone());
    let (identity, tokens, lacking) =
        match renewed_identity(app, metadata, session, &token_set, why).await {
            Ok(identity) => {
                let mut tokens = KeptTokens::from(token_set.tokens);
                tokens.id = tokens.id.or(old.id);
                (identity, tokens, None)
            }
            Err(VerifyError::Invalid) => {
                // The session ends, and with it the refresh token that it has, new or not.
                unsaved.saved();
                app.revoke_in_background(token_set.tokens.refresh);
                return Err(RefreshError::InvalidIdToken);
            }
            // The old refresh token is spent and the new tokens cannot be checked for now: the new
            // refresh token is kept, and everything else stays as it was.
            Err(VerifyError::Provider(error)) => {
                kept(session, old, token_set.tokens.refresh, error)
            }
            Err(VerifyError::UnknownKey) => {
                let error = ProviderError::Unavailable;
                kept(session, old, token_set.tokens.refresh, error)
            }
        };
    let mut sealed = app.sessions.seal_renewed(session, identity, tokens).await?;
    sealed.lacking = lacking;
    sealed.is_exchanged_here = true;
    unsaved.saved();
    Ok(sealed)
}

/// A session as it was, with a new refresh token.
fn kept(
    session: &Session,
    old: KeptTokens,
    refresh: Option<Token>,
    error: ProviderError,
) -> (Identity, KeptTokens, Option<ProviderError>) {
    let mut identity = session.identity();
    identity.renewals = identity.renewals.wrapping_add(1);
    (identity, KeptTokens { refresh, ..old }, Some(error))
}
