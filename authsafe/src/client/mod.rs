//! The provider over HTTP: the only place that opens connections.

mod cache;
mod http;
mod introspection;
mod provider;

pub(crate) use provider::{Provider, StartProblem};
