//! A session's life: load, begin, renew, write, end.
//!
//! Whether sessions lie in cookies or in a store is asked in `home.rs` alone.

mod action;
mod begin;
mod context;
mod end;
mod home;
mod in_cookies;
mod in_store;
mod load;
mod refresh_grant;
mod renew;
mod sealed;
mod sessions;
mod untold;
mod write;

pub(crate) use action::{Activity, CookieAction};
pub(crate) use context::Context;
pub(crate) use end::SignedOut;
pub(crate) use refresh_grant::RefreshGrant;
pub(crate) use sealed::SealedSession;
pub(crate) use sessions::Sessions;
pub(crate) use write::{Answer, PendingWrite};
