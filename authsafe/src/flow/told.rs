//! What whoever runs the app is told once: claims that were left out, scopes that were not granted, what guards ask
//! for that nothing brings, what the provider's tokens say nothing of.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::nesting::Whereabouts;
use crate::log;
use crate::protocol::grants::{Grants, GrantsError};

/// What has been told. There is no more of it than claims that are read, scopes that are asked for and guards.
pub(crate) struct Told {
    said: Mutex<BTreeSet<(Kind, &'static str)>>,
    pub(crate) whereabouts: Whereabouts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Claim,
    Scope,
    Unrequested,
    AccessToken,
    Spelling,
}

/// What a guard asks for that a session lacks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lacking {
    Scope(&'static str),
    /// A role, and the session has none at all.
    Roles,
    /// A permission, likewise.
    Permissions,
}

impl Told {
    pub(super) fn new(whereabouts: Whereabouts) -> Self {
        Self {
            said: Mutex::default(),
            whereabouts,
        }
    }

    /// Returns whether this has not been told yet. From now on it has.
    fn is_new(&self, kind: Kind, name: &'static str) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.insert((kind, name))
    }

    /// Names claims that were left out.
    pub(super) fn left_out(&self, claims: &[&'static str]) {
        for claim in claims.iter().filter(|it| self.is_new(Kind::Claim, it)) {
            log::warn!(
                claim,
                "a claim is left out: it is of another form than it should be, or too long to keep"
            );
        }
    }

    /// Names scopes that the provider did not grant, though the app asks for them.
    pub(super) fn not_granted(&self, scopes: impl Iterator<Item = &'static str>) {
        for scope in scopes.filter(|it| self.is_new(Kind::Scope, it)) {
            log::warn!(
                scope,
                "the provider did not grant somebody a scope that `scopes(...)` asks for: where nobody gets it, \
                 allow it to this client at the provider, or take it out of the attribute"
            );
        }
    }

    /// Says what to write where a guard asks for what nothing that the app requests brings.
    pub(super) fn unrequested(&self, lacking: Lacking) {
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
        if self.is_new(Kind::Unrequested, name) {
            log::warn!(name, "{write}");
        }
    }

    /// Says why the provider's access tokens grant nothing, or not all that they say.
    pub(super) fn access_token(&self, grants: &Result<Option<Grants>, GrantsError>) {
        let is_whole = matches!(grants, Ok(None)) || matches!(grants, Ok(Some(it)) if it.is_ours);
        if is_whole || !self.is_new(Kind::AccessToken, "") {
            return;
        }
        match grants {
            Err(error) => log::info!(
                %error,
                "the provider's access token grants nothing by itself: rights come from the ID token \
                 and the token answer's `scope`"
            ),
            Ok(_) => log::info!(
                "the provider's access token is for another API: of it, only what `claims(...)` and \
                 `keep(...)` name is read"
            ),
        }
    }

    /// Says what to write where a `sub` looks like one of AuthSafe's, and is taken as it is spelt.
    pub(super) fn spelling(&self) {
        if self.is_new(Kind::Spelling, "") {
            log::warn!(
                "a `sub` of the provider begins with `authsafe|`, as AuthSafe's do, and this app does \
                 not take it for the one without: where the provider is AuthSafe on a domain of \
                 yours, write `endpoints(authsafe)`, or a logout may end nothing"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_and_a_scope_of_one_name_are_told_of_once_each() {
        let told = Told::new(Whereabouts::new(
            "/api/auth",
            "https://app.example/callback",
        ));
        assert!(told.is_new(Kind::Claim, "roles"));
        assert!(told.is_new(Kind::Scope, "roles"));
        assert!(!told.is_new(Kind::Claim, "roles"));
    }
}
