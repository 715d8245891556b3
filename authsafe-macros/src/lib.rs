//! The attributes of the `authsafe` crate, which re-exports them: depend on that one.
//!
//! Each is read, checked, and written out again as calls of the runtime; all its mistakes are
//! reported at once.

mod advice;
#[cfg(test)]
mod advised;
mod condition;
mod error;
#[cfg(test)]
mod expansion;
mod feature;
#[cfg(test)]
mod fuzz;
mod guard;
mod key;
mod keys;
mod krate;
mod named;
mod names;
#[cfg(test)]
mod pinned;
mod policy;
mod protected;
mod routes;
mod rule;
#[cfg(test)]
mod syntax;
mod unauthenticated;
mod value;
mod words;

use proc_macro::TokenStream;

use condition::Kind;
use guard::Which;

#[doc(alias = "login")]
#[doc(alias = "logout")]
#[doc(alias = "oauth")]
#[doc(alias = "oidc")]
#[doc(alias = "openid")]
#[doc(alias = "sso")]
#[doc(alias = "settings")]
#[doc = include_str!("../docs/routes.md")]
#[doc = include_str!("../docs/keys.md")]
#[proc_macro_attribute]
pub fn routes(args: TokenStream, item: TokenStream) -> TokenStream {
    routes::routes(args.into(), item.into()).into()
}

#[doc(alias = "login_required")]
#[doc(alias = "authenticated")]
#[doc = include_str!("../docs/require_auth.md")]
#[proc_macro_attribute]
pub fn require_auth(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::guard(Which::Auth, args.into(), item.into()).into()
}

#[doc(alias = "scope")]
#[doc = include_str!("../docs/require_scope.md")]
#[proc_macro_attribute]
pub fn require_scope(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::guard(Which::Names(Kind::Scope), args.into(), item.into()).into()
}

#[doc(alias = "role")]
#[doc(alias = "rbac")]
#[doc(alias = "group")]
#[doc = include_str!("../docs/require_role.md")]
#[proc_macro_attribute]
pub fn require_role(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::guard(Which::Names(Kind::Role), args.into(), item.into()).into()
}

#[doc(alias = "permission")]
#[doc = include_str!("../docs/require_permission.md")]
#[proc_macro_attribute]
pub fn require_permission(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::guard(Which::Names(Kind::Permission), args.into(), item.into()).into()
}

#[doc(alias = "organization")]
#[doc(alias = "tenant")]
#[doc = include_str!("../docs/require_org.md")]
#[proc_macro_attribute]
pub fn require_org(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::guard(Which::Names(Kind::Org), args.into(), item.into()).into()
}

#[doc(alias = "step-up")]
#[doc(alias = "sudo mode")]
#[doc(alias = "reauthentication")]
#[doc = include_str!("../docs/require_recent.md")]
#[proc_macro_attribute]
pub fn require_recent(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::guard(Which::Recent, args.into(), item.into()).into()
}

#[doc(alias = "guard")]
#[doc(alias = "all")]
#[doc(alias = "any")]
#[doc = include_str!("../docs/require.md")]
#[proc_macro_attribute]
pub fn require(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::guard(Which::Tree, args.into(), item.into()).into()
}

#[doc(alias = "authorization")]
#[doc(alias = "owner")]
#[doc = include_str!("../docs/policy.md")]
#[proc_macro_attribute]
pub fn policy(args: TokenStream, item: TokenStream) -> TokenStream {
    policy::policy(args.into(), item.into()).into()
}

#[doc(alias = "anonymous")]
#[doc(alias = "permit_all")]
#[doc = include_str!("../docs/public.md")]
#[proc_macro_attribute]
pub fn public(args: TokenStream, item: TokenStream) -> TokenStream {
    guard::public(args.into(), item.into()).into()
}

#[doc(alias = "deny by default")]
#[doc = include_str!("../docs/protected.md")]
#[proc_macro_attribute]
pub fn protected(args: TokenStream, item: TokenStream) -> TokenStream {
    protected::protected(args.into(), item.into()).into()
}
