//! Claims that were left out, and scopes that were not granted: each is named once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::log;

/// The claims and scopes of which it has been said. There are no more of them than are read, and asked for.
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

    /// Names scopes that the provider did not grant, though the app asks for them.
    pub(super) fn tell_of_scopes(&self, not_granted: impl Iterator<Item = &'static str>) {
        for scope in not_granted {
            let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if named.insert(scope) {
                log::warn!(
                    scope,
                    "the provider did not grant somebody a scope that `scopes(...)` asks for: where nobody gets it, \
                     allow it to this client at the provider, or take it out of the attribute"
                );
            }
        }
    }
}
