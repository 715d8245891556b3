//! Why a request is refused: for the one line of the log that tells of it.

use core::fmt::Display;
use std::sync::{Arc, OnceLock};

/// The cause of a refusal, once somebody on the way has found it. No browser is told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Why(Arc<OnceLock<String>>);

impl Why {
    /// Notes a cause. The first one counts: what comes after it came of it.
    pub(crate) fn note(&self, cause: impl Display) {
        self.0.get_or_init(|| cause.to_string());
    }

    /// Returns the cause, where there is one.
    pub(crate) fn told(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}
