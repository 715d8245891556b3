//! How often one client may call an endpoint.

use core::fmt;
use core::net::{IpAddr, Ipv6Addr};
use core::num::NonZeroU32;
use core::time::Duration;
use std::sync::Arc;

use governor::clock::{Clock as GovernorClock, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{NotUntil, Quota, RateLimiter};

use crate::clock::Clock;
use crate::spec::Rate;
use crate::store::Kept;

/// How many clients are remembered at the most; who has called longest ago is forgotten first, and the last 100,000 are
/// known.
const CLIENTS: usize = 250_000;

/// How many times the rate all those may call together whose address is not known: it stops a flood,
/// and no handful of requests of one of them shuts out the others.
const UNKNOWN: u32 = 100;

/// The clients of one endpoint.
pub(crate) struct RateLimit {
    rate: Rate,
    clients: RateLimiter<IpAddr, Clients, Passed, NoOpMiddleware<Duration>>,
    unknown: RateLimiter<NotKeyed, InMemoryState, Passed, NoOpMiddleware<Duration>>,
    clock: Passed,
}

/// How often each has called.
struct Clients(Kept<IpAddr, Arc<InMemoryState>>);

impl StateStore for Clients {
    type Key = IpAddr;

    fn measure_and_replace<T, F, E>(&self, client: &IpAddr, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let called = |known: Option<_>| Some(known.unwrap_or_default());
        let client = self.0.update(*client, called).unwrap_or_default();
        client.measure_and_replace(&NotKeyed::NonKey, measure)
    }
}

/// Our clock, as governor reads it: the time that has passed, for the time of day may be put right.
#[derive(Clone)]
struct Passed(Clock);

impl GovernorClock for Passed {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.passed()
    }
}

impl RateLimit {
    /// A limit of `rate`; `None` where the rate is no rate.
    pub(crate) fn new(rate: Rate, clock: &Clock) -> Option<Self> {
        let quota = |times: u32| {
            let count = NonZeroU32::new(rate.count.saturating_mul(times))?;
            Some(Quota::with_period(rate.per / count.get())?.allow_burst(count))
        };
        // Who has not called for the whole time may call as often as one who never has.
        let clients = Clients(Kept::new(rate.per, CLIENTS));
        let clock = Passed(clock.clone());
        let unknown = quota(UNKNOWN).or_else(|| quota(1))?;
        Some(Self {
            rate,
            clients: RateLimiter::new(quota(1)?, clients, clock.clone()),
            unknown: RateLimiter::new(unknown, InMemoryState::default(), clock.clone()),
            clock,
        })
    }

    /// Returns how often this client may call.
    pub(crate) fn rate(&self, client: Option<IpAddr>) -> Rate {
        let times = if client.is_some() { 1 } else { UNKNOWN };
        let count = self.rate.count.saturating_mul(times);
        Rate { count, ..self.rate }
    }

    /// Checks whether this client may call now. `Err`: after how long it may, in whole seconds.
    pub(crate) fn check(&self, client: Option<IpAddr>) -> Result<(), Duration> {
        let checked = match client {
            Some(_) => self.clients.check_key(&bucket(client)),
            None => self.unknown.check(),
        };
        checked.map_err(|until: NotUntil<Duration>| {
            let now = self.clock.now();
            let wait: Duration = until.earliest_possible().duration_since(now).into();
            let begun = u64::from(wait.subsec_millis() > 0);
            Duration::from_secs(wait.as_secs().saturating_add(begun))
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

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RateLimit(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_a_minute(clock: &Clock) -> RateLimit {
        let rate = Rate {
            count: 2,
            per: Duration::from_secs(60),
        };
        RateLimit::new(rate, clock).unwrap()
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
        assert_eq!(limit.check(ip("192.0.2.1")), Err(Duration::from_secs(30)));
        assert_eq!(limit.check(ip("192.0.2.2")), Ok(()));
        clock.set(1030);
        assert_eq!(limit.check(ip("192.0.2.1")), Ok(()));
    }

    #[test]
    fn a_clock_that_is_put_right_shuts_nobody_out() {
        let day = 86_400;
        let clock = Clock::at(1000 + day);
        let limit = two_a_minute(&clock);
        assert_eq!(limit.check(ip("192.0.2.1")), Ok(()));
        for now in [1000, 1000 + 2 * day] {
            clock.correct(now);
            assert_eq!(limit.check(ip("192.0.2.1")), Ok(()));
            assert_eq!(limit.check(ip("192.0.2.1")), Err(Duration::from_secs(30)));
            clock.set(now + 30);
        }
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
    fn an_ipv4_address_is_one_client_in_whatever_form() {
        let limit = two_a_minute(&Clock::at(1000));
        for address in ["192.0.2.1", "::ffff:192.0.2.1"] {
            assert_eq!(limit.check(ip(address)), Ok(()));
        }
        assert!(limit.check(ip("192.0.2.1")).is_err());
        assert_eq!(limit.check(ip("::ffff:192.0.2.2")), Ok(()));
    }

    #[test]
    fn clients_without_an_address_share_a_bucket_that_no_few_of_them_empty() {
        let limit = two_a_minute(&Clock::at(1000));
        for _ in 0..2 * UNKNOWN {
            assert_eq!(limit.check(None), Ok(()));
        }
        assert!(limit.check(None).is_err());
        assert_eq!(limit.check(ip("192.0.2.1")), Ok(()));
    }

    #[test]
    fn only_so_many_clients_are_remembered() {
        let limit = two_a_minute(&Clock::at(1000));
        for address in 0..300_000 {
            let client = core::net::Ipv4Addr::from_bits(address).into();
            assert_eq!(limit.check(Some(client)), Ok(()));
        }
        assert!(limit.clients.into_state_store().0.len() <= CLIENTS);
    }
}
