//! Adapters: each reads its framework's request, calls, and answers.

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "tower")]
pub use tower::{EndpointService, SessionFuture, SessionLayer, SessionService};
