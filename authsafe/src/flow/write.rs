//! Sealing a session, and putting it into cookies.

use core::time::Duration;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};

use super::app::App;
use super::keep::{Answer, Use};
use super::stored::Saving;
use crate::clock::UnixSeconds;
use crate::error::{CallbackError, ProviderError, RefreshError};
use crate::log;
use crate::session::cookie::Sealed;
use crate::session::seal::{Purpose, SealError};
use crate::session::ticket::Stored;
use crate::session::{DataChange, Identity, Second, Session, TooLarge, encode_tokens};
use crate::state::Standing;
use crate::types::Tokens;

/// How long the ticket from before a new key leads on to it. It leads to the same session, and ends
/// with it, so that there is time for a browser to which the answer with the new one was lost.
const FORWARD: Duration = Duration::from_secs(300);

/// A session, and what it is sealed into.
#[derive(Clone)]
pub(crate) struct Written {
    pub(crate) session: Session,
    /// The cookie's value, or the record in the store.
    value: String,
    /// What the provider failed at after it had taken the old refresh token: the new one is in the
    /// session, and nothing else is new.
    pub(super) lacking: Option<ProviderError>,
}

/// A session could not be written.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum WriteError {
    #[error("the session is larger than cookies can hold")]
    TooLarge,
    #[error("the session could not be sealed")]
    Internal,
}

impl From<SealError> for WriteError {
    fn from(_: SealError) -> Self {
        Self::Internal
    }
}

impl From<TooLarge> for WriteError {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl From<WriteError> for CallbackError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::TooLarge => Self::SessionTooLarge,
            WriteError::Internal => Self::Internal,
        }
    }
}

impl From<WriteError> for RefreshError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::TooLarge => Self::SessionTooLarge,
            WriteError::Internal => Self::Internal,
        }
    }
}

/// Seals a new session.
pub(crate) fn seal(app: &App, identity: Identity, tokens: Tokens) -> Result<Written, WriteError> {
    let stored = match &app.store {
        Some(_) => Some(Stored::new(identity.id)?),
        None => None,
    };
    seal_as(app, identity, tokens, stored)
}

/// Seals the next state of a session. In a store it gets a new key when what the user may do
/// changes.
pub(super) fn seal_next(
    app: &App,
    before: &Session,
    identity: Identity,
    tokens: Tokens,
) -> Result<Written, WriteError> {
    let stored = match before.stored() {
        Some(stored) if !identity.grants_the_same_as(&before.identity()) => {
            let until = app.clock.now() + FORWARD.as_secs();
            Some(stored.rekeyed(&app.config.keys, until)?)
        }
        stored => stored.cloned(),
    };
    seal_as(app, identity, tokens, stored)
}

fn seal_as(
    app: &App,
    mut identity: Identity,
    tokens: Tokens,
    stored: Option<Stored>,
) -> Result<Written, WriteError> {
    identity.has_refresh_token = tokens.refresh.is_some();
    let too_large = |_: &TooLarge| {
        log::error!(
            "the session holds more than 64 KB in a token, or in what it says of the user and keeps \
             of the app's: no cookie and no store takes that"
        );
    };
    let first = identity.encode().inspect_err(too_large)?;
    let second = encode_tokens(&tokens).inspect_err(too_large)?;
    let (keys, tokens) = (&app.config.keys, Second::Open(tokens));
    let (value, session) = match stored {
        None => {
            let name = app.config.cookies.session_name();
            let value = keys.seal(Purpose::Session, name, &first, Some(&second))?;
            (value, Session::decode(first, tokens))
        }
        Some(stored) => {
            let record = stored.write(keys, &first, &second, app.clock.now())?;
            (record, Session::decode_stored(first, tokens, stored))
        }
    };
    Ok(Written {
        session: session.ok_or(WriteError::Internal)?,
        value,
        lacking: None,
    })
}

impl Written {
    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// Returns whether a place takes it: a store, or cookies that are large enough.
    pub(super) fn fits(&self, app: &App) -> bool {
        let fits = app.store.is_some() || app.config.cookies.fits(&self.value);
        if !fits {
            self.say_too_large();
        }
        fits
    }

    fn say_too_large(&self) {
        log::error!(
            bytes = self.value.len(),
            "the session is larger than cookies can hold: keep sessions in a store, with \
             `session(store = \"redis\")`, or ask the provider for smaller tokens"
        );
    }

    /// A session that another machine has sealed.
    pub(super) fn read(app: &App, value: String) -> Option<Self> {
        let keys = &app.config.keys;
        let name = app.config.cookies.session_name();
        let first = keys.open_first(Purpose::Session, name, value.as_bytes())?;
        let sealed = Sealed::Joined(value.clone().into_bytes());
        let session = Session::decode(first, Second::Sealed(sealed, Arc::clone(keys)))?;
        Some(Self {
            session,
            value,
            lacking: None,
        })
    }

    /// A session that is in the store.
    pub(super) fn kept(session: Session) -> Self {
        Self {
            session,
            value: String::new(),
            lacking: None,
        }
    }

    /// Returns whether its tokens are new and its access token is good.
    pub(super) fn is_usable(&self, now: UnixSeconds) -> bool {
        self.lacking.is_none() && now < self.session.access_token_expires_at()
    }

    /// Returns whether it is a later state than `session`.
    fn is_newer_than(&self, session: &Session) -> bool {
        self.session.is_newer_than(session)
    }

    /// Remembers it for those who write after it, unless they have a newer one.
    pub(super) fn remember(self: &Arc<Self>, app: &App) {
        app.newest
            .update(self.session.id().0, |newest| match newest {
                Some(newest) if newest.is_newer_than(&self.session) => None,
                _ => Some(Arc::clone(self)),
            });
    }

    /// Puts the session, or the ticket of one in a store, into the cookies of an answer to
    /// `request`.
    pub(crate) fn set(
        &self,
        app: &App,
        request: &HeaderMap,
        cookies: &mut Vec<HeaderValue>,
    ) -> Result<(), WriteError> {
        let names = &app.config.cookies;
        if let Some(stored) = self.session.stored() {
            if app.holds(request, stored) {
                return Ok(());
            }
            let value = stored.ticket.seal(&app.config.keys, names.session_name())?;
            // The end is in the record, and may move; the cookie does not have to.
            let end = self.session.began_at() + app.spec.session.max_age.as_secs();
            let left = end.saturating_sub(app.clock.now());
            cookies.extend(names.set_session(request, &value, Duration::from_secs(left))?);
            return Ok(());
        }
        let left = self.session.expires_at().saturating_sub(app.clock.now());
        let set = names.set_session(request, &self.value, Duration::from_secs(left));
        cookies.extend(set.inspect_err(|_| self.say_too_large())?);
        Ok(())
    }
}

/// Puts what a request has changed into the cookies of its answer: on top of the newest state of
/// the session, which other answers may have written meanwhile; and where the session has ended
/// meanwhile, its end.
pub(crate) fn write_back(
    app: &App,
    session: &Session,
    used: Use,
    changes: Vec<DataChange>,
    request: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) {
    if !app.is_alive(session) {
        // What it came with opens nothing. The browser may have the cookie of another session by now.
        if app.across().is_none() && app.is_last(session) {
            cookies.extend(app.config.cookies.clear_session(request));
        }
        return;
    }
    let standing = app.standing_here(session, app.clock.now());
    let written = app.newest.update(session.id().0, |newest| {
        // Not older, that is: a renewed session is itself the newest.
        let newest = newest.filter(|newest| !session.is_newer_than(&newest.session));
        match newest {
            Some(newest) if changes.is_empty() && app.is_fresh(&newest.session, used) => {
                Some(newest)
            }
            // Something was taken away since, and this would be refused.
            None if standing != Standing::Current => {
                if !changes.is_empty() {
                    log::error!("a session's data was not kept: its request took too long");
                }
                None
            }
            newest => {
                let base = newest.as_ref().map_or(session, |newest| &newest.session);
                reseal(app, base, used, changes).map(Arc::new)
            }
        }
    });
    if let Some(written) = written {
        // A session that is too large has said so in the log; the old cookie stays.
        let _ = written.set(app, request, cookies);
    }
}

/// [`write_back`] of a session that no handler has changed, wherever it lies.
pub(super) async fn answer_with(
    app: &Arc<App>,
    session: &Session,
    used: Use,
    request: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) {
    if app.across().is_none() {
        write_back(app, session, used, Vec::new(), request, cookies);
        return;
    }
    let saving = Saving {
        app: Arc::clone(app),
        answer: Answer::Write(session.clone(), used),
        changes: Vec::new(),
        request: request.clone(),
    };
    cookies.extend(saving.save().await);
}

/// The next state of a session: in use now, where it is, with changed data.
pub(super) fn reseal(
    app: &App,
    session: &Session,
    used: Use,
    changes: Vec<DataChange>,
) -> Option<Written> {
    let mut identity = session.identity();
    if used == Use::Counts {
        identity.active_at = app.clock.now();
    }
    identity.revision = identity.revision.wrapping_add(1);
    for change in changes {
        identity.data.apply(change);
    }
    let written = seal_next(app, session, identity, session.tokens()?);
    let written = written.inspect_err(|error| {
        log::error!(%error, "the session's data was not kept");
    });
    let written = written.ok()?;
    // What does not fit is not the newest state: nobody could have written it.
    let fits = app.store.is_some() || app.config.cookies.fits(&written.value);
    if !fits {
        log::error!(
            "the session's data is larger than cookies can hold, and was not kept: keep sessions \
             in a store, with `session(store = \"redis\")`"
        );
    }
    fits.then_some(written)
}
