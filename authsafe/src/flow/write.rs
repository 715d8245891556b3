//! Sealing a session into cookies.

use core::time::Duration;

use http::header::{HeaderMap, HeaderValue};

use crate::auth::App;
use crate::error::{CallbackError, RefreshError};
use crate::session::seal::Purpose;
use crate::session::{Identity, Second, Session, TooLarge, encode_tokens};
use crate::types::Tokens;

/// A session could not be written.
pub(super) enum WriteError {
    TooLarge,
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

/// Seals a session into cookies.
pub(super) fn write_session(
    app: &App,
    identity: Identity,
    tokens: Tokens,
    request: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Session, WriteError> {
    let max_age = identity.expires_at.saturating_sub(app.clock.now());
    let (first, second) = (identity.encode()?, encode_tokens(&tokens)?);
    let name = app.config.cookies.session_name();
    let value = app
        .config
        .keys
        .seal(Purpose::Session, name, &first, Some(&second))
        .map_err(|_| WriteError::Internal)?;
    let set = app
        .config
        .cookies
        .set_session(request, &value, Duration::from_secs(max_age))
        .inspect_err(|_| {
            tracing::error!(
                bytes = value.len(),
                "the session is larger than cookies can hold: ask the provider for smaller tokens"
            );
        })?;
    cookies.extend(set);
    Session::decode(first, Second::Open(tokens)).ok_or(WriteError::Internal)
}
