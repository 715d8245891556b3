//! The address that a request came in from.

use core::net::IpAddr;

use http::Extensions;

use crate::endpoint::ClientAddr;

/// Returns what somebody has inserted, or the address of the connection.
pub(super) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let inserted = extensions.get::<ClientAddr>().map(|it| it.0);
    #[cfg(feature = "axum")]
    let inserted = inserted.or_else(|| {
        type Connected = axum::extract::ConnectInfo<core::net::SocketAddr>;
        let connected = extensions.get::<Connected>();
        connected.map(|it| it.0.ip())
    });
    inserted
}
