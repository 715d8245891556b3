//! Who calls: the client's address, and whom it is counted as.

use core::net::IpAddr;
use std::sync::Once;

use http::HeaderMap;

use super::app::App;
use crate::protocol::forwarded;

/// What has been said of how addresses come to the app; each is said once.
#[derive(Debug)]
pub(super) struct Said {
    no_address: Once,
    behind_a_proxy: Once,
}

impl Said {
    pub(super) const fn nothing() -> Self {
        Self {
            no_address: Once::new(),
            behind_a_proxy: Once::new(),
        }
    }
}

impl App {
    /// The client of a request that came in from `peer`. `None`: who serves the app does not say.
    pub(crate) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        Some(forwarded::client(peer?, headers, &self.config.proxies))
    }

    /// As [`client`](Self::client), and `None` where it may be a proxy that the app has not named, with
    /// who knows how many clients behind it.
    pub(super) fn client_told_apart(
        &self,
        peer: Option<IpAddr>,
        headers: &HeaderMap,
    ) -> Option<IpAddr> {
        match peer {
            Some(peer) if self.may_be_a_proxy(peer, headers) => None,
            peer => self.client(peer, headers),
        }
    }

    /// Has the app not named it, and does it look like a proxy of the app's own all the same?
    fn may_be_a_proxy(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        is_of_a_private_network(peer)
            && forwarded::is_passed_on(headers)
            && !forwarded::is_proxy(peer, &self.config.proxies)
    }

    /// Says what to write where clients cannot be told apart.
    pub(super) fn tell_how_clients_come(&self, peer: Option<IpAddr>, headers: &HeaderMap) {
        let Some(peer) = peer else {
            self.said.no_address.call_once(|| {
                tracing::error!(
                    "`rate_limit(...)` cannot tell clients apart, for requests come without the \
                     address of their client: all of them together may call a hundred times as often \
                     as one. Serve an axum app by `serve(listener, \
                     app.into_make_service_with_connect_info::<SocketAddr>())`; elsewhere insert \
                     `authsafe::ClientAddr(peer.ip())` into the extensions of each request"
                );
            });
            return;
        };
        if self.may_be_a_proxy(peer, headers) {
            self.said.behind_a_proxy.call_once(|| {
                tracing::error!(
                    %peer,
                    "`rate_limit(...)` counts all that is passed on by this address as one client. \
                     Where it is a proxy of yours that writes `Forwarded` or `X-Forwarded-For`, name it \
                     in the attribute: `trusted_proxies(\"{peer}\")`, or its network"
                );
            });
        }
    }
}

/// Proxies of one's own mostly are (RFC 1918, RFC 4193, RFC 6598); a stranger who writes the header
/// is not.
fn is_of_a_private_network(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let is_shared = a == 100 && b & 0b1100_0000 == 64;
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || is_shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_told_from_the_internet() {
        let is_private = |text: &str| is_of_a_private_network(text.parse().unwrap());
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.0.1",
            "100.64.0.1",
            "100.127.0.1",
            "::ffff:10.0.0.1",
            "::1",
            "fd00::1",
            "fe80::1",
        ] {
            assert!(is_private(private), "{private}");
        }
        for public in [
            "192.0.2.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.32.0.1",
            "2001:db8::1",
        ] {
            assert!(!is_private(public), "{public}");
        }
    }
}
