//! Who calls: the client's address, whom it is counted as, and how often it may.

use core::net::{IpAddr, Ipv6Addr};
use core::time::Duration;
use std::sync::Once;

use http::HeaderMap;

use crate::clock::Clock;
use crate::endpoint::Endpoint;
use crate::log;
use crate::protocol::forwarded::{self, Network};
use crate::spec::{Rate, RateSpec};
use crate::state::{Cluster, RateLimit, Stranger, bucket};

/// The clients of an app, and how often each has called.
pub(crate) struct Clients {
    proxies: Vec<Network>,
    /// Of sign-in, callback, logout, refresh, session and forms that are kept.
    limits: [Option<RateLimit>; 6],
    warned: Warned,
}

/// Of what has been warned; each is said once.
#[derive(Debug)]
struct Warned {
    no_address: Once,
    behind_a_proxy: Once,
    behind_proxies_that_disagree: Once,
}

impl Clients {
    pub(super) fn new(rates: &RateSpec, proxies: Vec<Network>, clock: &Clock) -> Self {
        let limits = [
            rates.signin,
            rates.callback,
            rates.logout,
            rates.refresh,
            rates.session,
            Some(rates.kept_forms()),
        ];
        Self {
            proxies,
            limits: limits.map(|rate| RateLimit::new(rate?, clock)),
            warned: Warned {
                no_address: Once::new(),
                behind_a_proxy: Once::new(),
                behind_proxies_that_disagree: Once::new(),
            },
        }
    }

    /// Checks whether whoever calls from `peer` may call this endpoint now. `Err`: after how long
    /// it may, in whole seconds.
    pub(crate) async fn check_rate(
        &self,
        endpoint: Endpoint,
        peer: Option<IpAddr>,
        headers: &HeaderMap,
        cluster: Option<&Cluster>,
    ) -> Result<(), Duration> {
        let limit = match endpoint {
            Endpoint::SignIn => &self.limits[0],
            Endpoint::KeptForm => &self.limits[5],
            Endpoint::Callback | Endpoint::FormCallback => &self.limits[1],
            Endpoint::Logout => &self.limits[2],
            Endpoint::Refresh => &self.limits[3],
            Endpoint::Session => &self.limits[4],
            // Called by the provider for all users alike; a document that is the same for all.
            Endpoint::BackchannelLogout | Endpoint::SignedOut | Endpoint::ResourceMetadata => &None,
        };
        let Some(limit) = limit else { return Ok(()) };
        self.tell_how_clients_come(peer, headers);
        let client = self.client(peer, headers);
        limit.check(client)?;
        // Among machines: a counter for the time that the rate names.
        if let Some(cluster) = cluster {
            let Rate { count, per } = limit.rate(client);
            let what = format!("{endpoint:?}:{}", bucket(client));
            match cluster.count(&what, per).await {
                Ok(calls) if calls > u64::from(count) => {
                    return Err(per.max(Duration::from_secs(1)));
                }
                // Without the shared state, this process has counted for itself.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// The client of a request that came in from `peer`. `None`: who serves the app does not say, or the
    /// app's proxies do not.
    pub(super) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        forwarded::client(peer?, headers, &self.proxies)
    }

    /// Whoever shows a token. Who calls may be a proxy that the app has not named, with who knows how
    /// many clients behind it.
    pub(super) fn stranger(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Stranger {
        let Some(peer) = peer else {
            return Stranger::Unknown;
        };
        match self.client(Some(peer), headers) {
            Some(client) if !self.may_be_a_proxy(peer, headers) => {
                Stranger::Client(network(client))
            }
            _ => Stranger::PassedOnBy(network(peer)),
        }
    }

    /// Returns whether it looks like a proxy of the app's own, which the app has not named.
    fn may_be_a_proxy(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        is_of_a_private_network(peer)
            && forwarded::is_passed_on(headers)
            && !forwarded::is_proxy(peer, &self.proxies)
    }

    /// Says what to write where clients cannot be told apart.
    fn tell_how_clients_come(&self, peer: Option<IpAddr>, headers: &HeaderMap) {
        let Some(peer) = peer else {
            self.warned.no_address.call_once(|| {
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
            self.warned.behind_a_proxy.call_once(|| {
                tracing::error!(
                    %peer,
                    "`rate_limit(...)` counts all that is passed on by this address as one client. \
                     Where it is a proxy of yours that writes `Forwarded` or `X-Forwarded-For`, name it \
                     in the attribute: `trusted_proxies(\"{peer}\")`, or its network"
                );
            });
        } else if self.client(Some(peer), headers).is_none() {
            self.warned.behind_proxies_that_disagree.call_once(|| {
                log::error!(
                    %peer,
                    "`rate_limit(...)` cannot tell clients apart that are passed on by this proxy: its \
                     `Forwarded` and its `X-Forwarded-For` lead to two addresses, or to none that can be \
                     read. All of them together may call a hundred times as often as one. Where it was \
                     no client who wrote one of them, let all of your proxies write the same one, with \
                     addresses in it, and let the outermost remove the other"
                );
            });
        }
    }
}

/// An IPv4 address, or the 56 bits of an IPv6 address that a household has: whoever has one address of
/// it has them all.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 72 << 72).into(),
        ip => ip,
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
    fn one_household_is_one_network() {
        let network_of = |text: &str| network(text.parse().unwrap());
        assert_eq!(
            network_of("2001:db8:0:a1::1"),
            network_of("2001:db8:0:a2::2")
        );
        assert_ne!(
            network_of("2001:db8:0:a1::1"),
            network_of("2001:db8:0:1a1::1")
        );
        assert_eq!(network_of("::ffff:192.0.2.1"), network_of("192.0.2.1"));
        assert_ne!(network_of("192.0.2.1"), network_of("192.0.2.2"));
    }

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
