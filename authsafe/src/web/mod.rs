//! Adapters: each reads its framework's request, calls, and answers.

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "actix")]
pub use actix::{SessionMiddleware, SessionMiddlewareService};
#[cfg(feature = "tower")]
pub use tower::{
    EndpointService, SessionFuture, SessionLayer, SessionService, authorize, authorize_or,
};
