//! Keeping a session fresh while its owner uses the app: what a guard does before the handler.

use std::sync::Arc;

use http::header::HeaderMap;

use super::app::App;
use super::renew::renew;
use crate::clock::UnixSeconds;
use crate::error::{GuardError, RefreshError};
use crate::log;
use crate::session::Session;

/// What a request finds, and what its answer has to say of it.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The session as the handler gets it. `None`: nobody is signed in.
    pub(crate) session: Result<Option<Session>, GuardError>,
    pub(crate) answer: Answer,
}

/// What a request says of whether its user is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Somebody uses the app: an idle session goes on.
    Counts,
    /// A script asks now and then, with nobody there perhaps.
    InPassing,
}

/// What the answer does to the session's cookies.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Nothing.
    Leave,
    /// Writes this state of the session, or a newer one.
    Write(Session, Use),
    /// Removes them, unless the browser has those of another session by now.
    Clear(Session),
}

impl Kept {
    pub(crate) fn leave(session: Result<Option<Session>, GuardError>) -> Self {
        let answer = Answer::Leave;
        Self { session, answer }
    }
}

/// Opens the session of a request and keeps it fresh: with new tokens where they are due, with
/// its use noted where it ends when it is idle.
pub(crate) async fn keep(app: &Arc<App>, request: &HeaderMap, used: Use, now: UnixSeconds) -> Kept {
    let session = match app.session_at(request, now).await {
        Ok(Some(session)) => session,
        Ok(None) => return Kept::leave(Ok(None)),
        Err(_) => return Kept::leave(Err(GuardError::StateUnavailable)),
    };
    let came_as = session.state();
    let session = match app.current(session, now).await {
        Ok(Some(session)) => session,
        Ok(None) => return Kept::leave(Ok(None)),
        Err(_) => return Kept::leave(Err(GuardError::StateUnavailable)),
    };
    if is_due(app, &session, now) {
        return Box::pin(refreshed(app, session, used, now)).await;
    }
    let answer = match app.spec.session.idle {
        _ if session.stored().is_some_and(|it| it.cookie_is_old) => {
            Answer::Write(session.clone(), used)
        }
        _ if session.state() != came_as => Answer::Write(session.clone(), used),
        _ if used == Use::InPassing => Answer::Leave,
        // Not each answer carries a cookie: a tenth of the time may pass.
        Some(idle) if now.saturating_sub(session.active_at()) > idle.as_secs() / 10 => {
            Answer::Write(session.clone(), used)
        }
        _ => Answer::Leave,
    };
    Kept {
        session: Ok(Some(session)),
        answer,
    }
}

async fn refreshed(app: &Arc<App>, session: Session, used: Use, now: UnixSeconds) -> Kept {
    // While the provider fails, not every request waits for it.
    let key = (session.id().0, session.renewals());
    let renewed = match app.flights.failed_lately(key, now) {
        Some(failure) => Err(failure),
        None => renew(app, &session).await,
    };
    let is_good = now < session.access_token_expires_at();
    match renewed {
        Ok(renewed) if is_good || renewed.is_usable(now) => Kept {
            session: Ok(Some(renewed.session.clone())),
            answer: Answer::Write(renewed.session.clone(), used),
        },
        Ok(renewed) => Kept {
            session: Err(GuardError::RefreshUnavailable),
            answer: Answer::Write(renewed.session.clone(), used),
        },
        Err(error) if error.ends_session() => {
            // A copy that comes late must not take the cookie of the newer one with it.
            let answer = match app.may_remove(&session).await {
                true => Answer::Clear(session),
                false => Answer::Leave,
            };
            Kept {
                session: Ok(None),
                answer,
            }
        }
        // While the access token is good, so is the session.
        Err(error) if is_good => {
            log::warn!(%error, "the session was not refreshed; its access token is still good");
            Kept::leave(Ok(Some(session)))
        }
        Err(RefreshError::StateUnavailable) => Kept::leave(Err(GuardError::StateUnavailable)),
        // What the provider refuses is this app: whoever mends that has mended the session too.
        Err(RefreshError::RequestRefused) if app.provider.refuses_us() => {
            Kept::leave(Err(GuardError::RefreshUnavailable))
        }
        // The provider fails for now.
        Err(RefreshError::Provider(_)) => Kept::leave(Err(GuardError::RefreshUnavailable)),
        // It will not do better next time: the user has to sign in again.
        Err(_) => Kept::leave(Ok(None)),
    }
}

/// Returns whether the access token ends soon and there is a way to get a new one. One that is short-lived
/// is renewed in the last half of its life.
fn is_due(app: &App, session: &Session, now: UnixSeconds) -> bool {
    let spec = &app.spec.session;
    if !spec.auto_refresh || !session.has_refresh_token() {
        return false;
    }
    let ends = session.access_token_expires_at();
    let life = ends.saturating_sub(session.issued_at());
    now + spec.refresh_before.as_secs().min(life / 2) >= ends
}
