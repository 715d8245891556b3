//! The only names that generated code may use. Nothing in here is public interface.

pub use authsafe_macros::{
    require, require_auth, require_org, require_permission, require_recent, require_role,
    require_scope,
};

pub use crate::config::StartError;
pub use crate::expected;
pub use crate::policy::{
    All, Any, Decision, Join, List, Name, NamedPolicy, Not, Org, Permission, Policy, Recent,
    Require, Role, Scope, SignedIn, Text,
};
pub use crate::protocol::claim_paths::ClaimPaths;
pub use crate::protocol::client_auth::ClientAuth;
pub use crate::session::Session;
pub use crate::spec::{Answers, AsRoutes, Auto, Json, Redirect, Unauthenticated};
pub use crate::spec::{
    AskUserInfo, BearerSpec, CookieSpec, CrossOrigin, Endpoints, KeepSpec, Landing, LogoutSpec,
    Pages, Parameter, Paths, Protect, ProviderSpec, Rate, RateSpec, ResponseMode, SameSite,
    SecretSetting, SecretSource, SessionSpec, Setting, SettingSource, SharedStateSpec, Spec,
    SpecParts, StoreSpec,
};
pub use crate::spec::{ErrorHook, EventHook, SignedOutHook};
pub use crate::store::StoreSource;
pub use crate::types::{At, Innermost, Or, Routes, RoutesId, Site, Unsaid, Whose, whose};

pub use crate::types::Tenants;

pub use crate::auth::Auth;
#[cfg(feature = "cli")]
pub use crate::doctor::{Depth, Finding, Report, State, Verdict, Way, Ways};
pub use crate::guard::Authorized;
pub use crate::guard::{
    Admit, By, Decided, Guard, Holds, InTrait, NoFuture, Place, Returned, SaidBy, Tree, sees,
};
#[cfg(feature = "openapi")]
pub use crate::openapi::{Named, NamedRefusals, Refusals};
#[cfg(feature = "cli")]
pub use crate::start::{Checked, check, doctor, wants_color};
pub use crate::start::{
    from_env, from_env_or_unconfigured, from_vars, from_vars_with_clock, new_cookie_secret,
};

use crate::policy::declared_names;

/// Returns what an attribute says.
#[must_use]
pub const fn spec(parts: SpecParts) -> Spec {
    Spec::new(parts)
}

/// Returns what a [`Spec`] holds.
#[must_use]
pub const fn parts(spec: &Spec) -> &SpecParts {
    spec.parts()
}

/// Returns where a sign-in starts that comes back to a path of the app.
#[must_use]
pub fn sign_in_url(spec: &Spec, return_to: &str) -> String {
    crate::spec::sign_in_url(spec.parts(), return_to)
}

/// Does not compile where sign-in does not request the scope.
#[track_caller]
pub const fn declared(spec: &Spec, scope: &str) {
    declared_names::scope(spec.parts().scopes, scope);
}

/// Does not compile where `roles(...)` lists others.
#[track_caller]
pub const fn declared_role(spec: &Spec, role: &str) {
    declared_names::role(spec.parts().roles, role);
}

/// An alias, so that the compiler calls it by its own name where it tells of a mistake.
pub type Parts = http::request::Parts;

/// The routes of a guard that names none, where the app has none at `crate::auth`.
pub mod elsewhere {
    /// In the place of the module.
    pub mod auth {
        /// No routes'.
        pub const SPEC: &crate::Spec = &crate::Spec::new(crate::spec::SpecParts::DEFAULT);
    }
}

/// Returns the routes that a guard found. Does not compile where there are none at `crate::auth`.
#[must_use]
#[track_caller]
pub const fn found(spec: &Spec) -> &Spec {
    declared_names::found(spec.parts().routes);
    spec
}

/// Returns the number of the routes that a guard found.
#[must_use]
pub const fn number(spec: &Spec) -> u128 {
    spec.parts().routes.number()
}
