//! Claims that were left out, scopes that were not granted, and what guards ask for that nothing brings: each is
//! named once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::log;

/// The claims and scopes of which it has been said. There are no more of them than are read, and asked for.
#[derive(Default)]
pub(crate) struct LeftOut(Mutex<BTreeSet<&'static str>>);

/// What guards ask for and nothing that the app requests brings, as far as that has been said.
#[derive(Default)]
pub(crate) struct Unrequested(Mutex<BTreeSet<&'static str>>);

/// What a guard asks for that a session lacks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lacking {
    Scope(&'static str),
    /// A role, and the session has none at all.
    Roles,
    /// A permission, likewise.
    Permissions,
}

impl Unrequested {
    /// Says what to write for something that has not been named yet.
    pub(super) fn tell(&self, lacking: Lacking) {
        let (name, write) = match lacking {
            Lacking::Scope(scope) => (
                scope,
                "a guard asks for a scope that sign-in does not request, so that no session has it: add it to \
                 `scopes(...)`",
            ),
            Lacking::Roles => (
                "roles",
                "a guard asks for a role, a session has none at all, and nothing that is requested brings them: \
                 AuthSafe gives them where `scopes(...)` has `roles`; where another provider has them is told by \
                 `claims(roles = \"...\")`, and found by `authsafe doctor`",
            ),
            Lacking::Permissions => (
                "permissions",
                "a guard asks for a permission, a session has none at all, and nothing that is requested brings \
                 them: AuthSafe gives them where `scopes(...)` has `permissions`; where another provider has them \
                 is told by `claims(permissions = \"...\")`",
            ),
        };
        let named = self.0.lock();
        if named.unwrap_or_else(PoisonError::into_inner).insert(name) {
            log::warn!(name, "{write}");
        }
    }
}

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
