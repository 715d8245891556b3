//! New tokens for a session: by one exchange, however many requests ask at once.

use std::sync::Arc;

use super::app::App;
use super::identity::{VerifyError, renewed_identity};
use super::stored::renew_stored;
use super::unkept::Unkept;
use super::write::{Written, seal_next};
use crate::error::{ProviderError, RefreshError};
use crate::hooks::Event;
use crate::log;
use crate::protocol::discovery::Metadata;
use crate::protocol::token_endpoint::TokenError;
use crate::session::Session;
use crate::state::FlightKey;
use crate::types::{Token, Tokens};

/// New tokens for `session`: fetched now, or by another request a moment ago. Where the provider has
/// ended the session, it ends here too.
pub(crate) async fn renew(app: &Arc<App>, session: &Session) -> Result<Arc<Written>, RefreshError> {
    let (app, session) = (Arc::clone(app), session.clone());
    // A task of its own: a browser that goes away must not leave a refresh token half spent.
    let task = tokio::spawn(async move {
        let key = (session.id().0, session.renewals());
        let mut is_pilot = false;
        let fly = fly(&app, &session, key, &mut is_pilot);
        let renewed = app.flights.share(key, &app.clock, fly).await;
        match &renewed {
            Ok(renewed) if is_pilot => land(&app, &session, renewed),
            Err(failure @ (RefreshError::Provider(_) | RefreshError::RequestRefused)) => {
                app.flights.note_failure(key, *failure, app.clock.now());
            }
            _ => {}
        }
        if let Ok(renewed) = &renewed
            && let Some(failure) = renewed.lacking
        {
            // The next one would fare no better.
            let next = (session.id().0, renewed.session.renewals());
            app.flights
                .note_failure(next, failure.into(), app.clock.now());
        }
        let renewed = match renewed {
            // It has ended while the provider was asked, or the provider says that it is over.
            Ok(renewed) if !app.is_alive(&session) || !app.is_alive(&renewed.session) => {
                Err(RefreshError::SessionEnded)
            }
            renewed => renewed,
        };
        if matches!(&renewed, Err(error) if error.ends_session()) {
            end_here(&app, &session).await;
        }
        renewed
    });
    task.await.unwrap_or(Err(RefreshError::Internal))
}

/// The provider has ended a session: copies of its cookie end with it, unless the session has
/// gone on without this copy.
async fn end_here(app: &App, session: &Session) {
    if !app.has_newer(session) {
        // What cannot be told to other machines they find out from the provider.
        let _ = app.end_session(session.id().0).await;
    }
}

/// What the one who flew does for all: it is the newest state now, unless the session has ended,
/// and then its refresh token must not live on.
fn land(app: &Arc<App>, before: &Session, renewed: &Arc<Written>) {
    let session = &renewed.session;
    let refresh_token = session.tokens().and_then(|tokens| tokens.refresh);
    let spent = before.tokens().and_then(|tokens| tokens.refresh);
    app.hold_another(refresh_token.as_ref(), spent.as_ref());
    if !app.is_alive(session) {
        app.revoke_in_background(refresh_token);
        return;
    }
    // What is in the store is remembered there.
    if app.store.is_none() {
        renewed.remember(app);
    }
    if renewed.lacking.is_none() {
        app.emit(&Event::Refreshed { session });
    }
}

/// One exchange among all machines.
async fn fly(
    app: &Arc<App>,
    session: &Session,
    key: FlightKey,
    is_pilot: &mut bool,
) -> Result<Written, RefreshError> {
    *is_pilot = true;
    let old = session.tokens().ok_or(RefreshError::NoSession)?;
    app.hold(old.refresh.as_ref());
    let metadata = app.provider.metadata().await?;
    // Before the refresh token is spent: a provider without keys must not cost the session.
    app.provider.keys(&metadata).await?;
    if let Some(store) = &app.store {
        return renew_stored(app, store, session, &metadata).await;
    }
    let Some(across) = app.across() else {
        return exchange(app, &metadata, session, old).await;
    };
    let mut mine = None;
    let exchange = async {
        let written = exchange(app, &metadata, session, old).await?;
        Ok::<_, RefreshError>(mine.insert(written).value().to_owned())
    };
    let value = match across.share(key, exchange).await {
        Err(RefreshError::SessionEnded) => {
            let flown = across.flown_elsewhere(key).await;
            flown.ok_or(RefreshError::SessionEnded)?
        }
        shared => shared?,
    };
    match mine {
        Some(written) => Ok(written),
        None => Written::read(app, value).ok_or(RefreshError::Internal),
    }
}

/// Exchanges the refresh token for new tokens, and seals them.
pub(super) async fn exchange(
    app: &Arc<App>,
    metadata: &Metadata,
    session: &Session,
    old: Tokens,
) -> Result<Written, RefreshError> {
    let refresh_token = old.refresh.clone().ok_or(RefreshError::NoRefreshToken)?;
    // What the session had before stays its own whatever comes.
    let is_new = |token: &Token| token.expose_secret() != refresh_token.expose_secret();
    let refreshed = app.provider.refresh(metadata, &refresh_token).await;
    let mut token_set = refreshed.map_err(|error| {
        log::warn!(%error, "the session was not refreshed");
        match error {
            TokenError::InvalidGrant => RefreshError::SessionEnded,
            TokenError::Refused(_) => RefreshError::RequestRefused,
            TokenError::Malformed(_, dropped) => {
                app.revoke_in_background(dropped.filter(is_new));
                ProviderError::BadAnswer.into()
            }
            TokenError::Transport(error) => error.into(),
        }
    })?;
    let unkept = Unkept::new(app, token_set.tokens.refresh.clone().filter(is_new));
    // RFC 6749 §6: the provider may keep the refresh token that we have.
    token_set
        .tokens
        .refresh
        .get_or_insert(refresh_token.clone());
    let (written, takes) = match renewed_identity(app, metadata, session, &token_set).await {
        Ok(mut identity) => {
            // What a handler has kept since this refresh began.
            if app.store.is_none()
                && let Some(newest) = app.newest.get(identity.id)
                && newest.session.renewals() == session.renewals()
            {
                identity.data = newest.session.data();
            }
            let mut tokens = token_set.tokens;
            tokens.id = tokens.id.or(old.id);
            let takes = identity.takes_from(&session.identity());
            (seal_next(app, session, identity, tokens)?, takes)
        }
        Err(VerifyError::Invalid) => {
            // The session ends, and with it the refresh token that it has, new or not.
            unkept.keep();
            app.revoke_in_background(token_set.tokens.refresh);
            return Err(RefreshError::InvalidIdToken);
        }
        Err(lacking @ (VerifyError::Provider(_) | VerifyError::UnknownKey)) => {
            // The old refresh token is spent and the new tokens cannot be checked for now: the new
            // refresh token is kept, and everything else stays as it was.
            let error = match lacking {
                VerifyError::Provider(error) => error,
                _ => ProviderError::Unavailable,
            };
            let mut identity = session.identity();
            identity.renewals = identity.renewals.wrapping_add(1);
            let tokens = Tokens {
                refresh: token_set.tokens.refresh,
                ..old
            };
            let mut written = seal_next(app, session, identity, tokens)?;
            written.lacking = Some(error);
            (written, false)
        }
    };
    if !written.fits(app) {
        return Err(RefreshError::SessionTooLarge);
    }
    if takes && app.store.is_none() {
        app.refuse_earlier(&written.session).await;
    }
    unkept.keep();
    Ok(written)
}
