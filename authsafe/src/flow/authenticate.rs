//! Who makes a request: what a guard does before the handler. Keeps the session fresh meanwhile.

use core::net::IpAddr;
use std::sync::Arc;

use http::Extensions;
use http::request::Parts;

use super::app::App;
use super::renew::renew;
use super::why::Why;
use crate::clock::UnixSeconds;
use crate::error::{GuardError, ProviderError, RefreshError};
use crate::lifecycle::{Activity, CookieAction};
use crate::log;
use crate::session::Session;

/// What a request finds, and what its answer does to the cookies.
#[derive(Debug)]
pub(crate) struct Authenticated {
    /// The session as the handler gets it. `None`: nobody is signed in.
    pub(crate) session: Result<Option<Session>, GuardError>,
    pub(crate) action: CookieAction,
    /// Why there is no session that can be used, where a refusal is to tell it.
    pub(crate) why: Option<Why>,
}

impl Authenticated {
    pub(crate) fn unchanged(session: Result<Option<Session>, GuardError>) -> Self {
        Self {
            session,
            action: CookieAction::Unchanged,
            why: None,
        }
    }

    /// The same, with the cause that a refusal is to tell.
    pub(super) fn because(self, why: Why) -> Self {
        Self {
            why: Some(why),
            ..self
        }
    }
}

/// Opens the session of a request, and renews what is due.
pub(crate) async fn authenticate(
    app: &Arc<App>,
    request: &Parts,
    peer: fn(&Extensions) -> Option<IpAddr>,
    activity: Activity,
    now: UnixSeconds,
) -> Authenticated {
    let session = match app.sessions.load(&request.headers, now).await {
        Ok(Some(session)) => session,
        Ok(None) => return Authenticated::unchanged(Ok(None)),
        Err(_) => return Authenticated::unchanged(Err(GuardError::StateUnavailable)),
    };
    let came_as = session.state();
    let session = match app.sessions.current(session, now).await {
        Ok(Some(session)) => session,
        Ok(None) => return Authenticated::unchanged(Ok(None)),
        Err(_) => return Authenticated::unchanged(Err(GuardError::StateUnavailable)),
    };
    if app.sessions.is_due(&session, now) {
        return Box::pin(renewed(app, request, peer, session, activity, now)).await;
    }
    let cookie_is_old = session.stored().is_some_and(|it| it.cookie_is_old);
    let is_stale = cookie_is_old
        || session.state() != came_as
        || !app.sessions.is_fresh(&session, activity, now);
    let action = match is_stale {
        true => CookieAction::Write(session.clone(), activity),
        false => CookieAction::Unchanged,
    };
    Authenticated {
        session: Ok(Some(session)),
        action,
        why: None,
    }
}

async fn renewed(
    app: &Arc<App>,
    request: &Parts,
    peer: fn(&Extensions) -> Option<IpAddr>,
    session: Session,
    activity: Activity,
    now: UnixSeconds,
) -> Authenticated {
    let why = Why::default();
    let renewed = match app.sessions.failed_lately(&session, now) {
        Some(failure) => {
            why.note(format_args!(
                "the session was not refreshed a moment ago: {failure}"
            ));
            Err(failure)
        }
        None => {
            let peer = peer(&request.extensions);
            renew(app, request, peer, &session, &why).await
        }
    };
    let is_good = now < session.access_token_expires_at();
    match renewed {
        Ok(renewed) => {
            let found = match is_good || renewed.is_usable(now) {
                true => Ok(Some(renewed.session.clone())),
                false => Err(GuardError::RefreshUnavailable),
            };
            if let (Ok(_), Some(cause)) = (&found, why.told()) {
                log::warn!(
                    cause,
                    "new tokens of a session cannot be checked: it stays as it was"
                );
            }
            Authenticated {
                session: found,
                action: CookieAction::Write(renewed.session.clone(), activity),
                why: Some(why),
            }
        }
        Err(error) if error.ends_session() => {
            // A copy that comes late must not take the cookie of the newer one with it.
            let action = match app.sessions.may_remove(&session).await {
                true => CookieAction::Remove(session),
                false => CookieAction::Unchanged,
            };
            log::warn!(cause = why.told(), %error, "the session was not refreshed, and has ended");
            Authenticated {
                session: Ok(None),
                action,
                why: None,
            }
        }
        // While the access token is good, so is the session.
        Err(error) if is_good => {
            log::warn!(
                cause = why.told(), %error,
                "the session was not refreshed; its access token is still good"
            );
            Authenticated::unchanged(Ok(Some(session)))
        }
        Err(RefreshError::StateUnavailable) => {
            Authenticated::unchanged(Err(GuardError::StateUnavailable))
        }
        // What the provider refuses is this app: whoever mends that has mended the session too.
        Err(RefreshError::RequestRefused) if app.provider.refuses_us() => {
            Authenticated::unchanged(Err(GuardError::RefreshUnavailable)).because(why)
        }
        // The provider fails for now. Nobody's rights grow by that, and whom the app has signed out is out.
        Err(RefreshError::Provider(error)) => {
            // One that answers what cannot be read may have taken rights away.
            let is_down = error != ProviderError::BadAnswer;
            let found = match is_down && app.sessions.has_grace(&session, now) {
                true => {
                    log::warn!(
                        cause = why.told(), %error,
                        "the session was not refreshed; it is served without its access token"
                    );
                    Ok(Some(session.in_grace()))
                }
                false => Err(GuardError::RefreshUnavailable),
            };
            Authenticated::unchanged(found).because(why)
        }
        // It will not do better next time: the user has to sign in again.
        Err(error) => {
            log::warn!(cause = why.told(), %error, "the session was not refreshed: its user signs in again");
            Authenticated::unchanged(Ok(None))
        }
    }
}
