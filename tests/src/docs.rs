//! The examples of the documentation of attributes and local provider, run: their crates do not
//! depend on the runtime. And those of the guide: all features are here, and what else apps use.

#[path = "../../authsafe/src/guide.rs"]
pub mod guide;

#[doc = include_str!("../../authsafe/dev/README.md")]
pub struct LocalProvider;

#[doc = include_str!("../../authsafe-macros/docs/routes.md")]
pub struct Routes;

#[doc = include_str!("../../authsafe-macros/docs/require_scope.md")]
pub struct RequireScope;

#[doc = include_str!("../../authsafe-macros/docs/require_auth.md")]
pub struct RequireAuth;

#[doc = include_str!("../../authsafe-macros/docs/require_role.md")]
pub struct RequireRole;

#[doc = include_str!("../../authsafe-macros/docs/require_permission.md")]
pub struct RequirePermission;

#[doc = include_str!("../../authsafe-macros/docs/require_org.md")]
pub struct RequireOrg;

#[doc = include_str!("../../authsafe-macros/docs/require_recent.md")]
pub struct RequireRecent;

#[doc = include_str!("../../authsafe-macros/docs/require.md")]
pub struct Require;

#[doc = include_str!("../../authsafe-macros/docs/policy.md")]
pub struct Policy;

#[doc = include_str!("../../authsafe-macros/docs/public.md")]
pub struct Public;

#[doc = include_str!("../../authsafe-macros/docs/protected.md")]
pub struct Protected;
