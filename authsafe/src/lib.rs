#![cfg_attr(docsrs, feature(doc_cfg))]
// Its example is an app with the local provider, and is tested where that is.
#![cfg_attr(any(not(doctest), feature = "dev"), doc = include_str!("../README.md"))]
//! # The names, by use
//!
//! | to ... | |
//! |---|---|
//! | make sign-in | [`routes`](macro@routes), which writes `from_env()`; [`Auth`], [`StartError`] with each [`Problem`] |
//! | know who it is | [`Session`] and [`User`]; [`Visitor`] for everybody; [`Of`] where there are several sign-ins |
//! | guard a handler | [`require_auth`], [`require_scope`], [`require_role`], [`require_permission`], [`require_org`], [`require_recent`], [`require`], [`Unauthenticated`] |
//! | guard a module | any of these above it; [`protected`] and [`public`] |
//! | decide by your own data | [`policy`](macro@policy), [`Decision`], [`Authorized`], [`NamedPolicy`]; [`Policy`] where no attribute stands |
//! | keep data in a session | [`SessionData`], [`Session::get`], [`Session::claim`] |
//! | call APIs in the user's name | [`Session::access_token`], [`Tokens`], [`Token`] |
//! | hear of sign-ins, or refuse them | [`Auth::on_sign_in`], [`Auth::on_event`], [`hooks`] |
//! | answer errors in your own way | [`Error`], [`error`], [`Auth::on_error`], [`Response`] |
//! | end sessions | [`Auth::revoke_user`], [`Auth::revoke_session`] |
//! | share between machines, keep sessions in a store | [`store`] |
//! | be on actix-web, tower, hyper | `actix`, [`mod@tower`], [`ClientAddr`] |
//! | develop and test | `dev`, `testing`, [`Clock`] |

#![forbid(unsafe_code)]

mod auth;
mod clock;
mod config;
#[cfg(feature = "cli")]
mod doctor;
mod endpoint;
pub mod error;
mod flow;
#[cfg(test)]
mod fuzz;
mod guard;
// Pages of documentation, and no code; the crate `tests` runs their examples.
#[cfg(all(doc, not(doctest)))]
pub mod guide;
mod lifecycle;
mod log;
#[cfg(feature = "openapi")]
mod openapi;
mod page;
mod path_rules;
mod policy;
mod protocol;
mod provider;
mod response;
pub mod session;
mod spec;
mod start;
mod state;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod types;
mod web;

/// The types of functions that the attribute may name: hooks, settings, and answers to signed-out visitors.
pub mod hooks {
    pub use crate::spec::{
        ErrorHook, Event, EventHook, NewSession, Occasion, SecretSource, SettingSource,
        SignInDecision, SignInHook, SignInRefused, SignedOut, SignedOutHook,
    };
}

/// The session layer and the endpoints as a service.
pub mod tower {
    pub use crate::web::{
        ByFunction, EndpointService, FromBytes, MakeBody, SessionFuture, SessionLayer,
        SessionService,
    };
}

/// The middleware that gives each request of actix-web its session.
#[cfg(feature = "actix")]
pub mod actix {
    pub use crate::web::{SessionMiddleware, SessionMiddlewareService};
}

/// The types among the arguments of a handler with a guard, by the names that the compiler tells to whoever calls
/// one by hand. Of two hidden places it takes the first.
#[doc(hidden)]
pub mod guarded {
    pub use crate::guard::Decided as OnlyTheFrameworkCallsThisWhere;
    pub use crate::guard::Guard as OnlyTheFrameworkCallsThis;
    pub use crate::guard::{By, Holds, SaidBy, Tree};
    pub use crate::policy::{
        All, Any, Join, Not, Org, Permission, Recent, Role, Scope, SignedIn, Text,
    };
    pub use crate::spec::{AsRoutes, Auto, Json, Redirect};
    pub use crate::types::{At, Innermost, Or, Unsaid};
}

/// The traits of functions that an attribute names, of policies and of guarded methods, by the names that the compiler
/// tells where one lacks them.
#[doc(hidden)]
pub mod expected {
    pub use crate::guard::GuardThatStays;
    pub use crate::policy::signature::{Decides, IsPolicy, TakesRequest, TakesSession};
    pub use crate::spec::fits::{OnError, OnEvent, OnSignedOut, Secret, Setting, Store};
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
#[doc(inline)]
pub use error::Error;
pub use guard::{Authorized, Of, SessionData, Visitor};
pub use policy::{Decision, NamedPolicy, Policy};
pub use response::Response;
pub use secrecy::SecretString;
#[doc(inline)]
pub use session::{Session, User};
pub use spec::{Spec, Unauthenticated};
pub use types::{Reason, Routes, Token, Tokens};
