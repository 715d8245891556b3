//! Refreshes in flight, and what they brought.
//!
//! A refresh token may be good for one use. Requests that come in parallel with the same session
//! share one exchange, and those that come late with the cookie from before it get its result.

use core::fmt;
use core::future::Future;
use core::time::Duration;
use std::sync::Arc;

use moka::future::Cache;
use moka::policy::EvictionPolicy;

use crate::clock::{Clock, UnixSeconds};

/// How long the result of a refresh is kept for those who come late.
pub(crate) const GRACE: Duration = Duration::from_secs(30);
/// How long nobody tries again after a failure, unless somebody asks for it.
const PAUSE: Duration = Duration::from_secs(10);
/// How many results are kept at the most.
const CAPACITY: u64 = 50_000;

/// The session's id, and how often it has been renewed before.
pub(crate) type FlightKey = ([u8; 16], u32);

/// Refreshes of one process; `F` is how they fail.
pub(crate) struct Flights<T, F = ()> {
    landed: Cache<FlightKey, (Arc<T>, UnixSeconds)>,
    failed: moka::sync::Cache<FlightKey, (F, UnixSeconds)>,
}

impl<T: Send + Sync + 'static, F: Copy + Send + Sync + 'static> Flights<T, F> {
    pub(crate) fn new() -> Self {
        Self {
            landed: Cache::builder()
                .max_capacity(CAPACITY)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(GRACE)
                .build(),
            failed: moka::sync::Cache::builder()
                .max_capacity(CAPACITY)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(PAUSE)
                .build(),
        }
    }

    /// The result of the flight with this key: of one that has landed or is under way, else of
    /// `fly`. A failure goes to all who wait for it, and is not kept.
    ///
    /// A caller that goes away takes its flight down with it, and the next one flies again: call
    /// it from a task of its own where `fly` must not be done twice.
    pub(crate) async fn share<E: Clone + Send + Sync + 'static>(
        &self,
        key: FlightKey,
        clock: &Clock,
        fly: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        if self.landed.contains_key(&key) && self.landed(key, clock.now()).await.is_none() {
            self.landed.invalidate(&key).await;
        }
        // The grace begins when it has landed, however long it flew.
        let fly = async { Ok((Arc::new(fly.await?), clock.now())) };
        let shared = self.landed.try_get_with(key, fly).await;
        shared
            .map(|(landed, _)| landed)
            .map_err(|error| E::clone(&error))
    }

    /// A flight with this key has failed, and the next one would too.
    pub(crate) fn note_failure(&self, key: FlightKey, failure: F, now: UnixSeconds) {
        self.failed.insert(key, (failure, now));
    }

    /// How a flight with this key has failed a moment ago, if it has.
    pub(crate) fn failed_lately(&self, key: FlightKey, now: UnixSeconds) -> Option<F> {
        let (failure, at) = self.failed.get(&key)?;
        (now.saturating_sub(at) < PAUSE.as_secs()).then_some(failure)
    }

    /// What a flight brought, while that is kept for those who come late.
    async fn landed(&self, key: FlightKey, now: UnixSeconds) -> Option<Arc<T>> {
        let (landed, at) = self.landed.get(&key).await?;
        (now.saturating_sub(at) <= GRACE.as_secs()).then_some(landed)
    }
}

impl<T, F> fmt::Debug for Flights<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flights(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::{AtomicUsize, Ordering};

    const KEY: FlightKey = ([1; 16], 0);

    async fn fly_in_parallel(
        flights: &Flights<u8>,
        now: u64,
        result: Result<u8, ()>,
    ) -> (usize, usize) {
        let (count, good) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let clock = Clock::at(now);
        let one = async || {
            let flight = flights.share(KEY, &clock, async {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                result
            });
            good.fetch_add(usize::from(flight.await.is_ok()), Ordering::Relaxed);
        };
        tokio::join!(one(), one(), one());
        (count.into_inner(), good.into_inner())
    }

    #[tokio::test]
    async fn requests_in_parallel_share_one_flight() {
        assert_eq!(fly_in_parallel(&Flights::new(), 100, Ok(1)).await, (1, 3));
    }

    #[tokio::test]
    async fn who_comes_late_gets_what_it_brought() {
        let flights = Flights::new();
        fly_in_parallel(&flights, 100, Ok(1)).await;
        assert_eq!(fly_in_parallel(&flights, 130, Err(())).await, (0, 3));
        assert!(flights.landed(KEY, 130).await.is_some());
    }

    #[tokio::test]
    async fn who_comes_too_late_flies() {
        let flights = Flights::new();
        fly_in_parallel(&flights, 100, Ok(1)).await;
        assert!(flights.landed(KEY, 131).await.is_none());
        assert_eq!(fly_in_parallel(&flights, 131, Ok(1)).await, (1, 3));
    }

    #[tokio::test]
    async fn the_grace_begins_when_it_has_landed() {
        let (flights, clock) = (<Flights<u8>>::new(), Clock::at(100));
        let fly = async {
            clock.set(115);
            Ok::<_, ()>(1)
        };
        flights.share(KEY, &clock, fly).await.unwrap();
        assert!(flights.landed(KEY, 145).await.is_some());
        assert!(flights.landed(KEY, 146).await.is_none());
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let flights = Flights::new();
        assert_eq!(fly_in_parallel(&flights, 100, Err(())).await, (1, 0));
        assert_eq!(flights.failed_lately(KEY, 100), None);
        flights.note_failure(KEY, (), 100);
        assert_eq!(flights.failed_lately(KEY, 109), Some(()));
        assert_eq!(flights.failed_lately(KEY, 110), None);
        assert_eq!(fly_in_parallel(&flights, 100, Ok(1)).await, (1, 3));
    }
}
