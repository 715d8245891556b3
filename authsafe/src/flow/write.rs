//! Sealing a session into cookies.

use core::time::Duration;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};

use super::app::App;
use super::keep::Use;
use crate::clock::UnixSeconds;
use crate::error::{CallbackError, ProviderError, RefreshError};
use crate::session::cookie::Sealed;
use crate::session::seal::Purpose;
use crate::session::{DataChange, Identity, Second, Session, TooLarge, encode_tokens};
use crate::types::Tokens;

/// A session, and the cookie value that it is sealed into.
pub(crate) struct Written {
    pub(crate) session: Session,
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

/// Seals a session.
pub(crate) fn seal(
    app: &App,
    mut identity: Identity,
    tokens: Tokens,
) -> Result<Written, WriteError> {
    identity.has_refresh_token = tokens.refresh.is_some();
    let (first, second) = (identity.encode()?, encode_tokens(&tokens)?);
    let name = app.config.cookies.session_name();
    let value = app
        .config
        .keys
        .seal(Purpose::Session, name, &first, Some(&second))
        .map_err(|_| WriteError::Internal)?;
    let session = Session::decode(first, Second::Open(tokens)).ok_or(WriteError::Internal)?;
    Ok(Written {
        session,
        value,
        lacking: None,
    })
}

impl Written {
    pub(super) fn value(&self) -> &str {
        &self.value
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

    /// Is the use that it notes recent enough, now that it is used so?
    fn is_fresh(&self, app: &App, used: Use) -> bool {
        if used == Use::InPassing {
            return true;
        }
        let idle = app
            .spec
            .session
            .idle
            .map_or(u64::MAX, |idle| idle.as_secs());
        app.clock.now().saturating_sub(self.session.active_at()) <= idle / 10
    }

    /// Are its tokens new, and its access token good?
    pub(super) fn is_usable(&self, now: UnixSeconds) -> bool {
        self.lacking.is_none() && now < self.session.access_token_expires_at()
    }

    /// Is it a later state than `session`?
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

    /// Puts the session into the cookies of an answer to `request`.
    pub(crate) fn set(
        &self,
        app: &App,
        request: &HeaderMap,
        cookies: &mut Vec<HeaderValue>,
    ) -> Result<(), WriteError> {
        let left = self.session.expires_at().saturating_sub(app.clock.now());
        let set = app
            .config
            .cookies
            .set_session(request, &self.value, Duration::from_secs(left));
        cookies.extend(set.inspect_err(|_| {
            tracing::error!(
                bytes = self.value.len(),
                "the session is larger than cookies can hold: ask the provider for smaller tokens"
            );
        })?);
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
        cookies.extend(app.config.cookies.clear_session(request));
        return;
    }
    let written = app.newest.update(session.id().0, |newest| {
        // Not older, that is: a renewed session is itself the newest.
        let newest = newest.filter(|newest| !session.is_newer_than(&newest.session));
        match newest {
            Some(newest) if changes.is_empty() && newest.is_fresh(app, used) => Some(newest),
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

/// The next state of a session: in use now, where it is, with changed data.
fn reseal(app: &App, session: &Session, used: Use, changes: Vec<DataChange>) -> Option<Written> {
    let mut identity = session.identity();
    if used == Use::Counts {
        identity.active_at = app.clock.now();
    }
    identity.revision = identity.revision.wrapping_add(1);
    for change in changes {
        identity.data.apply(change);
    }
    let written = seal(app, identity, session.tokens()?).ok()?;
    // What does not fit is not the newest state: nobody could have written it.
    let fits = app.config.cookies.fits(&written.value);
    if !fits {
        tracing::error!("the session's data is larger than cookies can hold; it was not kept");
    }
    fits.then_some(written)
}
