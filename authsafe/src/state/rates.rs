//! How often one client may call an endpoint.

use core::fmt;
use core::net::{IpAddr, Ipv6Addr};
use core::num::NonZeroU32;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use governor::clock::{Clock as GovernorClock, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::clock::Clock;
use crate::spec::Rate;

/// How many clients are remembered before those that may call again are forgotten.
const CLIENTS: usize = 100_000;

/// The clients of one endpoint.
pub(crate) struct Limit {
    rate: Rate,
    clients: Clients,
    clock: Seconds,
    /// When clients were last forgotten.
    swept: AtomicU64,
}

type Clients = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, Seconds, NoOpMiddleware<Duration>>;

/// Our clock, as governor reads it.
#[derive(Clone)]
struct Seconds(Clock);

impl GovernorClock for Seconds {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_secs(self.0.now())
    }
}

impl Limit {
    /// A limit of `rate`; `None` where the rate is no rate.
    pub(crate) fn new(rate: Rate, clock: &Clock) -> Option<Self> {
        let count = NonZeroU32::new(rate.count)?;
        let quota = Quota::with_period(rate.per / rate.count)?.allow_burst(count);
        let store = HashMapStateStore::default();
        let clock = Seconds(clock.clone());
        Some(Self {
            rate,
            clients: RateLimiter::new(quota, store, clock.clone()),
            clock,
            swept: AtomicU64::new(0),
        })
    }

    pub(crate) fn rate(&self) -> Rate {
        self.rate
    }

    /// Forgets the clients that may call again, once a minute where there are many.
    fn sweep(&self, now: Duration) {
        let last = self.swept.load(Ordering::Relaxed);
        if self.clients.len() > CLIENTS && now.as_secs() >= last + 60 {
            self.swept.store(now.as_secs(), Ordering::Relaxed);
            self.clients.retain_recent();
        }
    }

    /// May this client call now? Else, after how many seconds it may.
    pub(crate) fn check(&self, client: Option<IpAddr>) -> Result<(), u64> {
        let now = self.clock.now();
        self.sweep(now);
        self.clients.check_key(&bucket(client)).map_err(|until| {
            let wait: Duration = until.earliest_possible().duration_since(now).into();
            wait.as_millis()
                .div_ceil(1000)
                .try_into()
                .unwrap_or(u64::MAX)
        })
    }
}

/// One client is an IPv4 address, or the 64 bits of an IPv6 address that name a network: whoever
/// has one address of it has them all. Clients whose address is not known share a bucket.
pub(crate) fn bucket(client: Option<IpAddr>) -> IpAddr {
    match client.map(|ip| ip.to_canonical()) {
        Some(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        Some(ip) => ip,
        None => Ipv6Addr::UNSPECIFIED.into(),
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limit(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_a_minute(clock: &Clock) -> Limit {
        let rate = Rate {
            count: 2,
            per: Duration::from_secs(60),
        };
        Limit::new(rate, clock).unwrap()
    }

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_client_waits_once_it_has_called_often_enough() {
        let clock = Clock::at(1000);
        let limit = two_a_minute(&clock);
        assert_eq!(limit.check(ip("192.0.2.1")), Ok(()));
        assert_eq!(limit.check(ip("192.0.2.1")), Ok(()));
        assert_eq!(limit.check(ip("192.0.2.1")), Err(30));
        assert_eq!(limit.check(ip("192.0.2.2")), Ok(()));
        clock.set(1030);
        assert_eq!(limit.check(ip("192.0.2.1")), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_addresses_is_one_client() {
        let limit = two_a_minute(&Clock::at(1000));
        for address in ["2001:db8::1", "2001:db8::2:3"] {
            assert_eq!(limit.check(ip(address)), Ok(()));
        }
        assert!(limit.check(ip("2001:db8::4")).is_err());
        assert_eq!(limit.check(ip("2001:db8:0:1::4")), Ok(()));
    }

    #[test]
    fn clients_without_an_address_share_a_bucket() {
        let limit = two_a_minute(&Clock::at(1000));
        assert_eq!((limit.check(None), limit.check(None)), (Ok(()), Ok(())));
        assert!(limit.check(None).is_err());
    }
}
