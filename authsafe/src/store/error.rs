//! Calls to stores, and how they fail.

use core::fmt;
use core::future::Future;
use core::pin::Pin;

/// A call to a [`SessionStore`](crate::store::SessionStore), or to a [`SharedState`](crate::store::SharedState).
pub type StateFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StateError>> + Send + 'a>>;

/// The session store, or the shared state, did not answer. The cause is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("it is not available: {0}")]
pub struct StateError(String);

impl StateError {
    /// Makes one of its cause, which must not hold a value or a password.
    #[must_use]
    pub fn new(cause: impl fmt::Display) -> Self {
        Self(cause.to_string())
    }
}
