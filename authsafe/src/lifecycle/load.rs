//! From a request's cookies to the session in them.

use std::collections::HashSet;

use http::HeaderMap;

use crate::clock::UnixSeconds;
use crate::log;
use crate::session::cookie::Found;
use crate::session::seal::{CookieHeader, Sealed};
use crate::session::{Session, SessionId};
use crate::state::Standing;
use crate::store::StateError;

use super::sessions::Sessions;

impl Sessions {
    /// The session of a request as it came, if it has not ended here. `Err`: it is in the store, which
    /// does not answer.
    pub(crate) async fn load(
        &self,
        headers: &HeaderMap,
        now: UnixSeconds,
    ) -> Result<Option<Session>, StateError> {
        match self.context.cookies.session(headers) {
            Found::Nothing => Ok(None),
            Found::One(value) => match self.home.open(&self.context, value) {
                Ok(session) => Ok(session.filter(|it| self.context.is_alive(it, now))),
                Err(value) => Box::pin(self.of(value, now)).await,
            },
            found => Box::pin(self.one_of(found, now)).await,
        }
    }

    /// The session of a request with these `Cookie` headers, where it is sealed there, has not ended, and is known to
    /// be as it came, without a call to anywhere. `None`: it takes more to tell.
    pub(crate) fn load_at_once<'h, H, I>(
        &self,
        cookies: impl Fn() -> I,
        now: UnixSeconds,
    ) -> Option<Session>
    where
        H: CookieHeader + ?Sized + 'h,
        I: Iterator<Item = &'h H>,
    {
        if !self.home.asks_nobody(&self.context) {
            return None;
        }
        let Found::One(value) = self.context.cookies.session_of(cookies) else {
            return None;
        };
        let session = self.home.open_at_once(&self.context, value)?;
        let is_good = self.context.is_alive(&session, now)
            && self.home.is_known_current(&self.context, &session, now);
        is_good.then_some(session)
    }

    /// The session of a request as it is now, on all machines. `Err`: it cannot be known, and the app
    /// would rather refuse.
    pub(crate) async fn find(
        &self,
        headers: &HeaderMap,
        now: UnixSeconds,
    ) -> Result<Option<Session>, StateError> {
        match self.load(headers, now).await? {
            Some(session) => self.current(session, now).await,
            None => Ok(None),
        }
    }

    /// A session as it is now, on all machines: as it came; or, where something was taken away from it a
    /// moment ago, as it is since. `None`: it has ended. `Err`: it cannot be known, and the app would
    /// rather refuse.
    pub(crate) async fn current(
        &self,
        session: Session,
        now: UnixSeconds,
    ) -> Result<Option<Session>, StateError> {
        if self.home.is_known_current(&self.context, &session, now) {
            return Ok(Some(session));
        }
        let judged = Box::pin(self.judge(session, now)).await?;
        Ok(judged.map(|(session, _)| session))
    }

    /// Does what [`current`](Self::current) does, and tells whether it is late itself: refused in a moment.
    pub(crate) async fn judge(
        &self,
        session: Session,
        now: UnixSeconds,
    ) -> Result<Option<(Session, Standing)>, StateError> {
        self.home.judge(&self.context, session, now).await
    }

    /// Every session that a request's cookies open to, in its newest state: one, unless somebody has
    /// planted another.
    pub(crate) async fn load_all(&self, headers: &HeaderMap) -> Result<Vec<Session>, StateError> {
        let now = self.context.clock.now();
        match self.context.cookies.session(headers) {
            Found::Nothing => Ok(Vec::new()),
            Found::One(value) => Ok(self.of(value, now).await?.into_iter().collect()),
            found => self.all_of(found, now).await,
        }
    }

    /// The session that a request came with, also where it is over: whose it was. `None` where that is in a
    /// store.
    pub(crate) fn over(&self, headers: &HeaderMap) -> Option<Session> {
        match self.context.cookies.session(headers) {
            Found::One(value) => self.home.open(&self.context, value).ok()?,
            _ => None,
        }
    }

    /// The ids of the sessions in a request's cookies, also of those that are over.
    pub(crate) fn ids(&self, headers: &HeaderMap) -> HashSet<SessionId> {
        let values = match self.context.cookies.session(headers) {
            Found::Nothing | Found::TooMany => Vec::new(),
            Found::One(value) => vec![value],
            Found::Several(values) => values,
        };
        let id = |value| self.home.id(&self.context, value);
        values.into_iter().filter_map(id).collect()
    }

    /// The session of several values: the one on which all agree that are any. Where they are of one user,
    /// the one that began last: who planted it would have that user's session. Else somebody has planted
    /// one, and nobody can tell which.
    async fn one_of(&self, found: Found, now: UnixSeconds) -> Result<Option<Session>, StateError> {
        let mut sessions = self.all_of(found, now).await?;
        sessions.sort_by_key(Session::began);
        let users = sessions.iter().map(|it| it.user().id());
        if users.collect::<HashSet<_>>().len() > 1 {
            log::warn!(
                "a request holds the session cookies of several sessions, so it has none: does a \
                 sibling subdomain, or another path, set cookies of this name?"
            );
            return Ok(None);
        }
        Ok(sessions.pop())
    }

    async fn all_of(&self, found: Found, now: UnixSeconds) -> Result<Vec<Session>, StateError> {
        let values = match found {
            Found::Nothing => Vec::new(),
            Found::One(value) => vec![value],
            Found::Several(values) => values,
            Found::TooMany => {
                log::warn!("a request holds more session cookies than are looked at");
                Vec::new()
            }
        };
        let mut sessions: Vec<Session> = Vec::new();
        for value in values {
            // Pieces that do not belong together have no tokens.
            let session = self.of(value, now).await?;
            let Some(session) = session.filter(|it| it.kept_tokens().is_some()) else {
                continue;
            };
            match sessions.iter_mut().find(|it| it.id() == session.id()) {
                Some(other) if session.is_newer_than(other) => *other = session,
                Some(_) => {}
                None => sessions.push(session),
            }
        }
        Ok(sessions)
    }

    /// The session of one value, if it has not ended here.
    async fn of(&self, value: Sealed, now: UnixSeconds) -> Result<Option<Session>, StateError> {
        let session = self.home.load(&self.context, value, now).await?;
        Ok(session.filter(|session| self.context.is_alive(session, now)))
    }
}
