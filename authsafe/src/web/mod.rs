//! Adapters: each reads its framework's request, calls, and answers.

#[cfg(feature = "actix")]
mod actix;
mod asked;
#[cfg(feature = "axum")]
mod axum;
mod peer;
mod tower;

#[cfg(feature = "actix")]
pub use actix::{SessionMiddleware, SessionMiddlewareService};
pub use tower::{
    ByFunction, EndpointService, FromBytes, MakeBody, SessionFuture, SessionLayer, SessionService,
};
