//! Keeping a session fresh while its owner uses the app: what a guard does before the handler.

use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};

use super::app::App;
use super::renew::renew;
use super::write::{WriteError, seal};
use crate::clock::UnixSeconds;
use crate::error::{GuardError, ProviderError};
use crate::session::{Data, Session};

/// An access token is renewed this long before it ends, in seconds.
const REFRESH_BEFORE: u64 = 60;

/// The session as the handler gets it: with new tokens where they were due, with its use noted
/// where it ends when it is idle. `None`: the provider or another machine ended it.
pub(crate) async fn keep(
    app: &Arc<App>,
    session: Session,
    request: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Option<Session>, GuardError> {
    match app.has_ended_elsewhere(&session).await {
        Ok(false) => {}
        Ok(true) => return Ok(None),
        Err(_) => return Err(GuardError::StateUnavailable),
    }
    let now = app.clock.now();
    if !is_due(app, &session, now) {
        return Ok(Some(note_use(app, session, now, request, cookies).await));
    }
    // While the provider fails, not every request waits for it.
    let key = (session.id().0, session.renewals());
    let renewed = match app.flights.failed_lately(key, now) {
        true => Err(ProviderError::Unavailable.into()),
        false => renew(app, &session).await,
    };
    match renewed {
        Ok(renewed) => match renewed.set(app, request, cookies) {
            Ok(()) => Ok(Some(renewed.session.clone())),
            Err(_) => Ok(Some(session)),
        },
        Err(error) if error.ends_session() => {
            cookies.extend(app.config.cookies.clear_session(request));
            Ok(None)
        }
        // The provider fails for now. While the access token is good, so is the session.
        Err(error) if now < session.access_token_expires_at() => {
            tracing::warn!(%error, "the session was not refreshed; its access token is still good");
            Ok(Some(session))
        }
        Err(_) => Err(GuardError::RefreshUnavailable),
    }
}

/// Does the access token end soon, and is there a way to get a new one? One that is short-lived
/// is renewed in the last half of its life.
fn is_due(app: &App, session: &Session, now: UnixSeconds) -> bool {
    if !app.spec.session.auto_refresh || !session.has_refresh_token() {
        return false;
    }
    let ends = session.access_token_expires_at();
    let life = ends.saturating_sub(session.issued_at());
    now + REFRESH_BEFORE.min(life / 2) >= ends
}

/// Notes that the session is in use, once a tenth of its idle time has passed.
async fn note_use(
    app: &App,
    session: Session,
    now: UnixSeconds,
    request: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Session {
    let Some(idle) = app.spec.session.idle else {
        return session;
    };
    if now.saturating_sub(session.active_at()) <= idle.as_secs() / 10 {
        return session;
    }
    // A request that comes late must not bring tokens back that have been spent meanwhile.
    let key = (session.id().0, session.renewals());
    if let Some(renewed) = app.flights.landed(key, now).await {
        let _ = renewed.set(app, request, cookies);
        return renewed.session.clone();
    }
    let Some(tokens) = session.tokens() else {
        return session;
    };
    let mut identity = session.identity();
    identity.active_at = now;
    match seal(app, identity, tokens) {
        Ok(written) if written.set(app, request, cookies).is_ok() => written.session,
        _ => session,
    }
}

/// Seals a session anew with other data.
pub(crate) fn write_data(
    app: &App,
    session: &Session,
    data: Data,
    request: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<(), WriteError> {
    let tokens = session.tokens().ok_or(WriteError::Internal)?;
    let mut identity = session.identity();
    identity.data = data;
    seal(app, identity, tokens)?.set(app, request, cookies)
}
