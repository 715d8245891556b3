//! The provider over HTTP: the only place that opens connections.

mod cache;
mod client_auth;
mod http;
mod introspection;
#[cfg(feature = "cli")]
mod probe;
mod provider;
mod refusals;
mod unknown_keys;
mod userinfo;

#[cfg(feature = "cli")]
pub(crate) use probe::{Answer, NoAnswer};
pub(crate) use provider::{Provider, StartProblem, Timeouts};
pub(crate) use unknown_keys::Sender;
