//! The address that a request came in from.

use core::net::IpAddr;
#[cfg(feature = "axum")]
use core::net::SocketAddr;

#[cfg(feature = "axum")]
use axum::extract::ConnectInfo;
use http::Extensions;

use crate::endpoint::ClientAddr;

/// Returns what somebody has inserted, or the address of the connection.
pub(super) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let inserted = extensions.get::<ClientAddr>().map(|it| it.0);
    #[cfg(feature = "axum")]
    let inserted = inserted.or_else(|| {
        let connected = extensions.get::<ConnectInfo<SocketAddr>>();
        connected.map(|ConnectInfo(peer)| peer.ip())
    });
    inserted
}
