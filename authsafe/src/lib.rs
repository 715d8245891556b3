#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// The inner rooms are whole without an adapter; then parts of them have nobody to call them.
#![cfg_attr(
    not(any(feature = "axum", feature = "actix")),
    allow(dead_code, unused_imports)
)]

#[cfg(feature = "client")]
mod auth;
#[cfg(feature = "client")]
mod authorized;
#[cfg(feature = "client")]
mod challenge;
mod clock;
mod config;
#[cfg(feature = "client")]
mod endpoint;
mod error;
#[cfg(feature = "client")]
mod exchange;
#[cfg(feature = "client")]
mod flow;
#[cfg(feature = "client")]
mod guard;
mod hooks;
#[cfg(feature = "client")]
mod lifecycle;
#[cfg(feature = "client")]
mod log;
#[cfg(feature = "openapi")]
mod openapi;
mod path_rules;
mod policy;
mod protocol;
#[cfg(feature = "client")]
mod provider;
mod response;
mod routes;
mod session;
mod spec;
#[cfg(feature = "client")]
mod start;
#[cfg(feature = "client")]
mod state;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod types;
mod unauthenticated;
mod unseen;
#[cfg(feature = "client")]
mod web;

/// What makes the bodies of a session layer's refusals.
#[cfg(feature = "tower")]
pub mod tower {
    pub use crate::web::{ByFunction, FromBytes, MakeBody};
}

#[doc(hidden)]
pub mod __private;

#[cfg(feature = "client")]
pub use auth::Auth;
#[cfg(feature = "client")]
pub use authorized::Authorized;
#[cfg(feature = "dev")]
#[doc(inline)]
pub use authsafe_dev as dev;
pub use authsafe_macros::{
    policy, protected, public, require, require_auth, require_org, require_permission,
    require_recent, require_role, require_scope, routes,
};
pub use clock::{Clock, UnixSeconds};
pub use config::{Problem, StartError};
#[cfg(feature = "client")]
pub use endpoint::ClientAddr;
pub use error::{
    BackchannelLogoutError, CallbackError, Error, GuardError, LogoutError, ProviderError,
    RefreshError, SessionError, SignInError,
};
#[cfg(feature = "client")]
pub use exchange::SessionData;
#[cfg(feature = "client")]
pub use guard::{Of, Visitor};
pub use hooks::{
    ErrorHook, Event, EventHook, NewSession, SignInDecision, SignInHook, SignInRefused,
};
pub use policy::{Decision, NamedPolicy, Policy};
pub use response::Response;
pub use routes::{Routes, RoutesId};
pub use secrecy::SecretString;
pub use session::{DataError, Names, Session, SessionId, User};
pub use spec::*;
#[cfg(feature = "client")]
pub use store::Memory;
#[cfg(feature = "redis")]
pub use store::Redis;
#[cfg(any(feature = "tower-sessions", feature = "tower-sessions-0-14"))]
pub use store::TowerSessions;
pub use store::{OpenedStore, SessionStore, SharedState, StateError, StateFuture, StoreSource};
pub use types::{Reason, Token, Tokens};
pub use unauthenticated::{SignedOut, Unauthenticated};
#[cfg(feature = "tower")]
pub use web::{
    EndpointService, SessionFuture, SessionLayer, SessionService, authorize, authorize_in,
    authorize_or,
};
#[cfg(feature = "actix")]
pub use web::{SessionMiddleware, SessionMiddlewareService};
