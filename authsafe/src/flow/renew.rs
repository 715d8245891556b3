//! New tokens for a session: by one exchange, however many requests ask at once.

use std::sync::Arc;

use super::app::App;
use super::identity::{VerifyError, renewed_identity};
use super::write::{Written, seal};
use crate::error::{ProviderError, RefreshError};
use crate::hooks::Event;
use crate::protocol::token::TokenError;
use crate::session::Session;
use crate::state::FlightKey;

/// New tokens for `session`: fetched now, or by another request a moment ago.
pub(crate) async fn renew(app: &Arc<App>, session: &Session) -> Result<Arc<Written>, RefreshError> {
    let (app, session) = (Arc::clone(app), session.clone());
    // A task of its own: a browser that goes away must not leave a refresh token half spent.
    let task = tokio::spawn(async move {
        let key = (session.id().0, session.renewals());
        let now = app.clock.now();
        let fly = fly(&app, &session, key);
        app.flights.share(key, now, fly).await
    });
    task.await.unwrap_or(Err(RefreshError::Internal))
}

/// One exchange among all machines.
async fn fly(app: &App, session: &Session, key: FlightKey) -> Result<Written, RefreshError> {
    let Some(across) = app.across.get() else {
        return exchange(app, session).await;
    };
    let mut mine = None;
    let value = across
        .share(key, async {
            let written = exchange(app, session).await?;
            Ok::<_, RefreshError>(mine.insert(written).value().to_owned())
        })
        .await?;
    match mine {
        Some(written) => Ok(written),
        None => Written::read(app, value).ok_or(RefreshError::Internal),
    }
}

async fn exchange(app: &App, session: &Session) -> Result<Written, RefreshError> {
    let old = session.tokens().ok_or(RefreshError::NoSession)?;
    let refresh_token = old.refresh.ok_or(RefreshError::NoRefreshToken)?;
    let metadata = app.provider.metadata(&app.config).await?;
    // Before the refresh token is spent: a provider without keys must not cost the session.
    app.provider.keys(&metadata).await?;
    let refreshed = app
        .provider
        .refresh(&app.config, &metadata, &refresh_token)
        .await;
    let mut token_set = refreshed.map_err(|error| {
        tracing::warn!(%error, "the session was not refreshed");
        match error {
            TokenError::InvalidGrant => RefreshError::SessionEnded,
            TokenError::Refused(_) | TokenError::Malformed(_) => ProviderError::BadAnswer.into(),
            TokenError::Transport(error) => error.into(),
        }
    })?;
    let identity = renewed_identity(app, &metadata, session, &token_set)
        .await
        .map_err(|error| match error {
            VerifyError::Invalid => RefreshError::InvalidIdToken,
            VerifyError::Provider(error) => error.into(),
        })?;
    // RFC 6749 §6: the provider may keep the refresh token that we have.
    token_set.tokens.refresh.get_or_insert(refresh_token);
    if token_set.tokens.id.is_none() {
        token_set.tokens.id = old.id;
    }
    let written = seal(app, identity, token_set.tokens)?;
    app.emit(&Event::Refreshed {
        session: &written.session,
    });
    Ok(written)
}
