//! What nearly every request is: one of a session that is sealed in its cookie, or of an access token that was verified
//! before; current, and in need of nothing. Nobody has to be asked about it.

use super::app::App;
use crate::clock::UnixSeconds;
use crate::lifecycle::Activity;
use crate::log::metrics;
use crate::protocol::authorization_header::{Credentials, credentials_in};
use crate::session::Session;
use crate::session::seal::CookieHeader;

/// A session, and whether it is that of an access token.
pub(crate) type FoundAtOnce = (Session, bool);

/// Opens the session of a request that changes nothing, by its `Authorization` and `Cookie` headers. `None`: it takes more
/// to tell.
pub(crate) fn authenticate_at_once<'r, H, I>(
    app: &App,
    authorization: impl Iterator<Item = &'r [u8]>,
    cookies: impl Fn() -> I,
    activity: impl FnOnce() -> Activity,
    now: UnixSeconds,
) -> Option<FoundAtOnce>
where
    H: CookieHeader + ?Sized + 'r,
    I: Iterator<Item = &'r H>,
{
    let credentials = match app.takes_tokens() {
        true => credentials_in(authorization),
        false => None,
    };
    match credentials {
        Some(Credentials::Token(token)) => Some((of_token(app, token, now)?, true)),
        Some(Credentials::Malformed) => None,
        None => {
            let session = app.sessions.load_at_once(cookies, now)?;
            let needs_nothing = !app.sessions.is_due(&session, now)
                && app.sessions.is_fresh(&session, activity(), now);
            needs_nothing.then_some((session, false))
        }
    }
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
