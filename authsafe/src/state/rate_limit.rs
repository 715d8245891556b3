//! How often one client may call an endpoint.

use core::net::{IpAddr, Ipv6Addr};
use core::time::Duration;
use std::sync::{Mutex, PoisonError};

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
    pace: Pace,
    clients: Kept<IpAddr, Standing>,
    unknown: (Pace, Mutex<Standing>),
    /// By the time that has passed: the time of day may be put right.
    clock: Clock,
}

/// How it stands with a client after a call.
#[derive(Clone, Copy, Default)]
struct Standing {
    /// When it has all its calls again.
    all_at: Duration,
    /// `None`: it was let in. Else after how long it may call again.
    wait: Option<Duration>,
}

/// The generic cell rate algorithm (ITU-T I.371, annex A): each call puts off by an interval when a client has all its
/// calls again.
#[derive(Clone, Copy)]
struct Pace {
    interval: Duration,
    /// How far off that may be: all calls at once, but for the one that is made.
    most: Duration,
}

impl Pace {
    /// `None`: the rate is no rate.
    fn new(rate: Rate, times: u32) -> Option<Self> {
        let count = rate.count.saturating_mul(times);
        let interval = rate.per.checked_div(count)?;
        let most = interval.saturating_mul(count - 1);
        (!interval.is_zero()).then_some(Self { interval, most })
    }

    fn call(self, before: Standing, now: Duration) -> Standing {
        let all_at = before.all_at.max(now);
        let wait = (all_at - now).saturating_sub(self.most);
        match wait.is_zero() {
            true => Standing {
                all_at: all_at.saturating_add(self.interval),
                wait: None,
            },
            false => Standing {
                all_at,
                wait: Some(wait),
            },
        }
    }
}

impl RateLimit {
    /// A limit of `rate`; `None` where the rate is no rate.
    pub(crate) fn new(rate: Rate, clock: &Clock) -> Option<Self> {
        let pace = Pace::new(rate, 1)?;
        Some(Self {
            rate,
            pace,
            // Who has not been let in for the whole time may call as often as one who never has.
            clients: Kept::new(rate.per, CLIENTS),
            unknown: (Pace::new(rate, UNKNOWN).unwrap_or(pace), Mutex::default()),
            clock: clock.clone(),
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
        let now = self.clock.passed();
        let standing = match client {
            Some(_) => self.clients.update(bucket(client), |before| {
                Some(self.pace.call(before.unwrap_or_default(), now))
            }),
            None => Some(self.unknown_calls(now)),
        };
        match standing.and_then(|it| it.wait) {
            None => Ok(()),
            Some(wait) => {
                let begun = u64::from(wait.subsec_nanos() > 0);
                Err(Duration::from_secs(wait.as_secs().saturating_add(begun)))
            }
        }
    }

    fn unknown_calls(&self, now: Duration) -> Standing {
        let (pace, standing) = &self.unknown;
        let mut standing = standing.lock().unwrap_or_else(PoisonError::into_inner);
        *standing = pace.call(*standing, now);
        *standing
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
    fn calls_come_back_one_by_one_and_never_more_than_there_are() {
        let clock = Clock::at(1000);
        let limit = two_a_minute(&clock);
        let mut calls_at = |now| {
            clock.set(now);
            (0..5)
                .filter(|_| limit.check(ip("192.0.2.1")).is_ok())
                .count()
        };
        let calls = [1000, 1029, 1030, 1060, 1090, 5000].map(&mut calls_at);
        assert_eq!(calls, [2, 0, 1, 1, 1, 2]);
    }

    #[test]
    fn a_wait_is_told_in_whole_seconds_that_are_enough() {
        let rate = Rate {
            count: 2000,
            per: Duration::from_secs(1),
        };
        let limit = RateLimit::new(rate, &Clock::at(1000)).unwrap();
        // It is half a millisecond.
        let call = || limit.check(ip("192.0.2.1"));
        assert!((0..2000).all(|_| call().is_ok()));
        assert_eq!(call(), Err(Duration::from_secs(1)));
    }

    #[test]
    fn a_rate_of_no_calls_or_in_no_time_is_none() {
        let rate = |count, seconds| Rate {
            count,
            per: Duration::from_secs(seconds),
        };
        for (rate, is_one) in [
            (rate(0, 60), false),
            (rate(1, 0), false),
            (rate(1, 1), true),
        ] {
            assert_eq!(
                RateLimit::new(rate, &Clock::at(0)).is_some(),
                is_one,
                "{rate:?}"
            );
        }
        let longest = RateLimit::new(rate(u32::MAX, u64::MAX), &Clock::at(0)).unwrap();
        assert_eq!(longest.check(None), Ok(()));
    }

    #[test]
    fn only_so_many_clients_are_remembered() {
        let limit = two_a_minute(&Clock::at(1000));
        for address in 0..300_000 {
            let client = core::net::Ipv4Addr::from_bits(address).into();
            assert_eq!(limit.check(Some(client)), Ok(()));
        }
        assert!(limit.clients.len() <= CLIENTS);
    }
}
