//! What nearly every request is: one of a session that is sealed in its cookie, or of an access token that was verified
//! before; current, and in need of nothing. Nobody has to be asked about it.

use super::app::App;
use crate::clock::UnixSeconds;
use crate::lifecycle::Activity;
use crate::log::metrics;
use crate::protocol::authorization_header::{Credentials, credentials_in};
use crate::session::Session;
use crate::session::seal::CookieHeader;

/// What a request shows of who makes it: one thing.
pub(crate) enum Shown<'r, H: ?Sized> {
    Cookie(&'r H),
    Token(&'r str),
}

impl<'r, H: CookieHeader + ?Sized> Shown<'r, H> {
    /// Reads the `Authorization` and `Cookie` headers of a request. `None`: it shows nothing, or more than one thing.
    pub(crate) fn of(
        app: &App,
        authorization: impl Iterator<Item = &'r [u8]>,
        mut cookies: impl Iterator<Item = &'r H>,
    ) -> Option<Self> {
        let takes_tokens = app.config.bearer.is_some();
        match takes_tokens
            .then(|| credentials_in(authorization))
            .flatten()
        {
            Some(Credentials::Token(token)) => return Some(Self::Token(token)),
            Some(Credentials::Malformed) => return None,
            None => {}
        }
        match (cookies.next(), cookies.next()) {
            (Some(cookie), None) => Some(Self::Cookie(cookie)),
            _ => None,
        }
    }

    pub(crate) fn is_token(&self) -> bool {
        matches!(self, Self::Token(_))
    }
}

/// Opens the session of a request. `None`: it takes more to tell.
pub(crate) fn authenticate_at_once<H: CookieHeader + ?Sized>(
    app: &App,
    shown: &Shown<'_, H>,
    activity: Activity,
    now: UnixSeconds,
) -> Option<Session> {
    match shown {
        Shown::Cookie(cookie) => of_cookie(app, *cookie, activity, now),
        Shown::Token(token) => of_token(app, token, now),
    }
}

fn of_cookie<H: CookieHeader + ?Sized>(
    app: &App,
    cookie: &H,
    activity: Activity,
    now: UnixSeconds,
) -> Option<Session> {
    let session = app.sessions.load_at_once(cookie, now)?;
    let needs_nothing =
        !app.sessions.is_due(&session, now) && app.sessions.is_fresh(&session, activity, now);
    needs_nothing.then_some(session)
}

fn of_token(app: &App, token: &str, now: UnixSeconds) -> Option<Session> {
    let session = app.bearer_tokens.as_ref()?.seen.get(token, now)?;
    let is_good = now < session.expires_at()
        && !app.sessions.is_revoked(&session)
        && app.sessions.is_known_current(&session, now);
    is_good.then(|| {
        metrics::cache("access_tokens", true);
        session
    })
}
