//! Adapters: each reads its framework's request, calls, and answers.

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "tower")]
mod tower;

use core::net::IpAddr;

use http::Extensions;

use crate::endpoint::ClientAddr;

/// The address that a request came in from: what somebody has inserted, or that of the connection.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let inserted = extensions.get::<ClientAddr>().map(|it| it.0);
    #[cfg(feature = "axum")]
    let inserted = inserted.or_else(|| axum::connected(extensions));
    inserted
}

#[cfg(feature = "actix")]
pub use actix::{SessionMiddleware, SessionMiddlewareService};
#[cfg(feature = "tower")]
pub use tower::{
    ByFunction, EndpointService, FromBytes, MakeBody, SessionFuture, SessionLayer, SessionService,
    authorize, authorize_in, authorize_or,
};
