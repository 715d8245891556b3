//! Claims that were left out: each is named once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::log;

/// The claims of which it has been said that they are left out. There are no more of them than are
/// read.
#[derive(Default)]
pub(crate) struct LeftOut(Mutex<BTreeSet<&'static str>>);

impl LeftOut {
    /// Names those that have not been named yet.
    pub(super) fn tell(&self, claims: &[&'static str]) {
        if claims.is_empty() {
            return;
        }
        let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for claim in claims {
            if named.insert(claim) {
                log::warn!(
                    claim,
                    "a claim is left out: it is of another form than it should be, or too long to keep"
                );
            }
        }
    }
}
