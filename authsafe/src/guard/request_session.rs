//! What a request and its response share: the session, and what becomes of it.

use core::fmt;
use core::net::IpAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use http::Extensions;
use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, SET_COOKIE};
use http::request::Parts;

use crate::auth::Auth;
use crate::clock::UnixSeconds;
use crate::error::GuardError;
use crate::flow::{self, App, Authenticated, FoundAtOnce};
use crate::lifecycle::{Activity, Answer, CookieAction, PendingWrite};
use crate::response::depends_on_who_asks;
use crate::session::{DataChange, Session};
use crate::types::{RoutesId, Whose};

/// One request and its response.
#[derive(Default)]
pub(crate) struct RequestSession {
    /// Whether anybody has asked who it is. Then the answer depends on it.
    matters: AtomicBool,
    /// The session, once somebody has asked for it.
    opened: OnceLock<Opened>,
    /// Whether it takes more to tell than what is known at once.
    takes_more: AtomicBool,
    /// The request's headers, once the answer has something to say of the session.
    request: OnceLock<Box<HeaderMap>>,
    changes: Mutex<Vec<DataChange>>,
    /// The sign-in that the handler's guards name: arguments that name none are of the same.
    guarded_by: Mutex<Option<RoutesId>>,
}

/// What a request found, and when: all that is decided of it is decided by one reading of the clock.
struct Opened {
    kept: Authenticated,
    at: UnixSeconds,
    /// It came with an access token in the place of a session.
    by_token: bool,
}

impl RequestSession {
    /// Opens the session, once, and keeps it fresh. With the time at which it was opened.
    pub(crate) async fn session(
        &self,
        auth: &Auth,
        request: &Parts,
        used: Activity,
        peer: fn(&Extensions) -> Option<IpAddr>,
    ) -> (&Result<Option<Session>, GuardError>, UnixSeconds) {
        let opened = match self.opened.get() {
            Some(opened) => opened,
            None => {
                // Where two ask at once, both may come here: a refresh is one flight all the same.
                let (kept, at, by_token) = match auth.app() {
                    Some(app) => {
                        let now = app.clock.now();
                        let headers = &request.headers;
                        let credentials = app.bearer_credentials(headers);
                        let by_token = credentials.is_some();
                        let kept = match credentials {
                            Some(credentials) => {
                                let peer = peer(&request.extensions);
                                flow::authenticate_bearer(app, credentials, peer, headers, now)
                                    .await
                            }
                            None => flow::authenticate(app, request, peer, used, now).await,
                        };
                        (kept, now, by_token)
                    }
                    None => (Authenticated::unchanged(Ok(None)), 0, false),
                };
                let opened = Opened { kept, at, by_token };
                let opened = self.opened.get_or_init(|| opened);
                if !matches!(opened.kept.action, CookieAction::Unchanged) {
                    self.request
                        .get_or_init(|| Box::new(request.headers.clone()));
                }
                opened
            }
        };
        (&opened.kept.session, opened.at)
    }

    /// Opens a session of which nobody has to be asked. `None`: it takes more to tell, and
    /// [`session`](Self::session) does.
    pub(super) fn at_once(
        &self,
        auth: &Auth,
        find: impl FnOnce(&App, UnixSeconds) -> Option<FoundAtOnce>,
    ) -> Option<(&Result<Option<Session>, GuardError>, UnixSeconds)> {
        let opened = match self.opened.get() {
            Some(opened) => opened,
            // What was opened in vain is not opened so again.
            None if self.takes_more.load(Ordering::Relaxed) => return None,
            None => {
                let app = auth.app()?;
                let at = app.clock.now();
                let Some((session, by_token)) = find(app, at) else {
                    self.takes_more.store(true, Ordering::Relaxed);
                    return None;
                };
                let kept = Authenticated::unchanged(Ok(Some(session)));
                self.opened.get_or_init(|| Opened { kept, at, by_token })
            }
        };
        Some((&opened.kept.session, opened.at))
    }

    /// The session, where somebody has asked for it and there is one.
    pub(super) fn opened(&self) -> Option<&Session> {
        self.opened.get()?.kept.session.as_ref().ok()?.as_ref()
    }

    /// Returns when this session was opened, if it is the one of the request.
    pub(super) fn opened_at(&self, session: &Session) -> Option<UnixSeconds> {
        let is_it = self.opened()?.id() == session.id();
        self.opened.get().filter(|_| is_it).map(|it| it.at)
    }

    /// Returns why there is no session that can be used, where a refusal is to tell it.
    pub(super) fn cause(&self) -> Option<&str> {
        self.opened.get()?.kept.why.as_ref()?.told()
    }

    /// Returns whether the request came with an access token in the place of a session. Once it is opened,
    /// whatever others do to its headers.
    #[inline]
    pub(crate) fn is_by_token(&self) -> bool {
        self.opened.get().is_some_and(|opened| opened.by_token)
    }

    /// Notes that somebody asks who it is.
    #[inline]
    pub(crate) fn note_that_it_matters(&self) {
        self.matters.store(true, Ordering::Relaxed);
    }

    /// Adds to the response what has become of the session, and what caches have to know of an
    /// answer for which somebody asked who it is. An endpoint that says something of it
    /// itself has the last word. What has to be saved in a store first, or asked of other
    /// machines, is handed back: the response waits for it, and takes its cookies.
    pub(crate) fn write(&self, auth: &Auth, response: &mut HeaderMap) -> Option<PendingWrite> {
        if !self.matters.load(Ordering::Relaxed) {
            return None;
        }
        let app = auth.app();
        depends_on_who_asks(response, auth.takes_tokens());
        let (opened, request, app) = (self.opened.get()?, self.request.get()?, app?);
        let kept = &opened.kept;
        if opened.by_token || app.config.cookies.are_set_by(response) {
            return None;
        }
        let changes = core::mem::take(&mut *self.changes());
        let action = match (&kept.action, &kept.session) {
            (CookieAction::Unchanged, Ok(Some(session))) if !changes.is_empty() => {
                CookieAction::Write(session.clone(), Activity::User)
            }
            (action, _) => action.clone(),
        };
        match app.sessions.answer(action, changes, request) {
            Answer::Now(cookies) => append(response, cookies),
            Answer::Pending(write) => return Some(write),
        }
        None
    }

    /// Returns whether all that there is to say of an answer is that it depends on who asks.
    #[cfg(feature = "actix")]
    pub(crate) fn only_matters(&self) -> bool {
        self.matters.load(Ordering::Relaxed) && self.request.get().is_none()
    }

    /// Notes which sign-in the guards of a handler name, if any. What those of a middleware before it
    /// named is forgotten.
    #[inline]
    pub(crate) fn guard_by(&self, routes: Option<RoutesId>) {
        *self.guards() = routes;
    }

    /// Returns the sign-in that is asked about: where that is unsaid, the one that the handler's guards name. `None`:
    /// that of the innermost layer.
    #[inline]
    pub(super) fn named(&self, whose: Whose) -> Option<RoutesId> {
        match whose {
            Whose::Unsaid => *self.guards(),
            Whose::Innermost => None,
            Whose::Of(routes) => Some(routes),
        }
    }

    pub(super) fn guards(&self) -> MutexGuard<'_, Option<RoutesId>> {
        self.guarded_by
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the headers of a request whose session is about to be changed.
    pub(super) fn keep_headers(&self, headers: HeaderMap) {
        self.request.get_or_init(|| Box::new(headers));
    }

    /// Returns what a handler has changed of the app's data.
    pub(super) fn changes(&self) -> MutexGuard<'_, Vec<DataChange>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds the session's cookies to a response.
pub(crate) fn append(response: &mut HeaderMap, cookies: Vec<HeaderValue>) {
    for cookie in cookies {
        response.append(SET_COOKIE, cookie);
        // RFC 9111 §3: a shared cache must not hand one user's cookie to another.
        response.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Nothing of it: it holds the request's cookies.
impl fmt::Debug for RequestSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestSession(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_shows_the_requests_cookies() {
        let exchange = RequestSession::default();
        let cookie = HeaderValue::from_static("authsafe=s3cr3t");
        let request = [(http::header::COOKIE, cookie)].into_iter().collect();
        exchange.request.get_or_init(|| Box::new(request));
        assert_eq!(format!("{exchange:?}"), "RequestSession(..)");
    }
}
