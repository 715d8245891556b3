//! Sealing a session into cookies.

use core::time::Duration;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};

use super::app::App;
use crate::error::{CallbackError, RefreshError};
use crate::session::cookie::Sealed;
use crate::session::seal::Purpose;
use crate::session::{Identity, Second, Session, TooLarge, encode_tokens};
use crate::types::Tokens;

/// A session, and the cookie value that it is sealed into.
pub(crate) struct Written {
    pub(crate) session: Session,
    value: String,
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
pub(super) fn seal(
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
    Ok(Written { session, value })
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
        Some(Self { session, value })
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
