//! The examples of the attributes' documentation, run: the macro crate cannot run them itself.

#[doc = include_str!("../../authsafe-macros/docs/routes.md")]
pub struct Routes;

#[doc = include_str!("../../authsafe-macros/docs/require_scope.md")]
pub struct RequireScope;

#[doc = include_str!("../../authsafe-macros/docs/public.md")]
pub struct Public;

#[doc = include_str!("../../authsafe-macros/docs/protected.md")]
pub struct Protected;
