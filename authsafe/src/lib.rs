#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod auth;
mod clock;
mod config;
mod endpoint;
mod error;
mod flow;
mod guard;
mod lifecycle;
mod log;
#[cfg(feature = "openapi")]
mod openapi;
mod path_rules;
mod policy;
mod protocol;
mod provider;
mod response;
mod routes;
mod session;
mod spec;
mod start;
mod state;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod types;
mod web;

/// What makes the bodies of a session layer's refusals.
pub mod tower {
    pub use crate::web::{ByFunction, FromBytes, MakeBody};
}

#[doc(hidden)]
pub mod __private;

pub use auth::Auth;
#[cfg(feature = "dev")]
#[doc(inline)]
pub use authsafe_dev as dev;
pub use authsafe_macros::{
    policy, protected, public, require, require_auth, require_org, require_permission,
    require_recent, require_role, require_scope, routes,
};
pub use clock::{Clock, UnixSeconds};
pub use config::{Problem, StartError};
pub use endpoint::ClientAddr;
pub use error::{
    BackchannelLogoutError, CallbackError, Error, GuardError, LogoutError, ProviderError,
    RefreshError, SessionError, SignInError,
};
pub use guard::{Authorized, Of, SessionData, Visitor};
pub use policy::{Decision, NamedPolicy, Policy};
pub use response::Response;
pub use routes::{Routes, RoutesId};
pub use secrecy::SecretString;
pub use session::{DataError, Names, Session, SessionId, User};
pub use spec::{
    BearerSpec, CookieSpec, Endpoints, ErrorHook, Event, EventHook, Landing, NewSession, Paths,
    Protect, Rate, RateSpec, SameSite, SecretSetting, SecretSource, SessionSpec, Setting,
    SettingSource, SharedStateSpec, SignInDecision, SignInHook, SignInRefused, SignedOut, Spec,
    StoreSpec, Unauthenticated,
};
#[cfg(feature = "redis")]
pub use store::Redis;
#[cfg(any(feature = "tower-sessions", feature = "tower-sessions-0-14"))]
pub use store::TowerSessions;
pub use store::{
    Memory, OpenedStore, SessionStore, SharedState, StateError, StateFuture, StoreSource,
};
pub use types::{Reason, Token, Tokens};
pub use web::{
    EndpointService, SessionFuture, SessionLayer, SessionService, authorize, authorize_in,
    authorize_or,
};
#[cfg(feature = "actix")]
pub use web::{SessionMiddleware, SessionMiddlewareService};
