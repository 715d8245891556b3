//! The provider over HTTP: the only place that opens connections.

mod cache;
mod client_auth;
mod http;
mod introspection;
mod provider;
mod refusals;
mod unknown_keys;
mod userinfo;

pub(crate) use provider::{Provider, StartProblem, Timeouts};
pub(crate) use unknown_keys::Sender;
