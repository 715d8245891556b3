//! Refreshes in flight, and what they brought.
//!
//! A refresh token may be good for one use. Requests that come in parallel with the same session
//! share one exchange, and those that come late with the cookie from before it get its result.

use core::fmt;
use core::future::Future;
use core::time::Duration;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::sync::watch;

use crate::clock::{Clock, UnixSeconds};

/// How long the result of a refresh is kept for those who come late.
pub(crate) const GRACE: Duration = Duration::from_secs(30);
/// How long nobody tries again after a failure, unless somebody asks for it.
const PAUSE: Duration = Duration::from_secs(10);
/// How many results are kept at the most.
const CAPACITY: u64 = 50_000;

/// The session's id, and how often it has been renewed before.
pub(crate) type FlightKey = ([u8; 16], u32);

/// Refreshes of one process; `F` is how they fail, as far as that is kept.
pub(crate) struct Flights<T, E, F = ()> {
    flying: Mutex<HashMap<FlightKey, Arrival<T, E>>>,
    landed: Cache<FlightKey, (Arc<T>, UnixSeconds)>,
    failed: Cache<FlightKey, (F, UnixSeconds)>,
}

/// Where those who follow a flight wait for what it brings. Closed: nobody leads it any more.
type Arrival<T, E> = watch::Receiver<Option<Result<Arc<T>, E>>>;

/// What somebody has to do with a flight.
enum Part<'a, T, E, F> {
    Late(Arc<T>),
    Follows(Arrival<T, E>),
    Leads(Lead<'a, T, E, F>),
}

/// A flight that is under way, and is over when this is dropped.
struct Lead<'a, T, E, F> {
    flights: &'a Flights<T, E, F>,
    key: FlightKey,
    arrival: watch::Sender<Option<Result<Arc<T>, E>>>,
}

impl<T, E, F> Flights<T, E, F>
where
    T: Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
    F: Copy + Send + Sync + 'static,
{
    pub(crate) fn new() -> Self {
        Self {
            flying: Mutex::default(),
            landed: cache(GRACE),
            failed: cache(PAUSE),
        }
    }

    /// The result of the flight with this key: of one that has landed or is under way, else of
    /// `fly`. A failure goes to all who wait for it, and is not kept.
    ///
    /// A caller that goes away takes its flight down with it, and the next one flies again: call
    /// it from a task of its own where `fly` must not be done twice.
    pub(crate) async fn share(
        &self,
        key: FlightKey,
        clock: &Clock,
        fly: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        loop {
            match self.part(key, clock.now()) {
                Part::Late(landed) => return Ok(landed),
                Part::Leads(lead) => {
                    let flown = fly.await.map(Arc::new);
                    // The grace begins when it has landed, however long it flew.
                    lead.land(&flown, clock.now());
                    return flown;
                }
                Part::Follows(mut arrival) => {
                    let arrived = arrival.wait_for(Option::is_some).await;
                    if let Some(flown) = arrived.ok().and_then(|flown| flown.clone()) {
                        return flown;
                    }
                }
            }
        }
    }

    fn part(&self, key: FlightKey, now: UnixSeconds) -> Part<'_, T, E, F> {
        let mut flying = self.flying();
        if let Some(landed) = self.landed(key, now) {
            return Part::Late(landed);
        }
        match flying.entry(key) {
            Entry::Occupied(flight) => Part::Follows(flight.get().clone()),
            Entry::Vacant(none) => {
                let (arrival, waiting) = watch::channel(None);
                none.insert(waiting);
                Part::Leads(Lead {
                    flights: self,
                    key,
                    arrival,
                })
            }
        }
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
    fn landed(&self, key: FlightKey, now: UnixSeconds) -> Option<Arc<T>> {
        let (landed, at) = self.landed.get(&key)?;
        (now.saturating_sub(at) <= GRACE.as_secs()).then_some(landed)
    }
}

impl<T, E, F> Flights<T, E, F> {
    fn flying(&self) -> MutexGuard<'_, HashMap<FlightKey, Arrival<T, E>>> {
        self.flying.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, E, F> Lead<'_, T, E, F>
where
    T: Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    fn land(self, flown: &Result<Arc<T>, E>, now: UnixSeconds) {
        if let Ok(landed) = flown {
            self.flights
                .landed
                .insert(self.key, (Arc::clone(landed), now));
        }
        self.arrival.send_replace(Some(flown.clone()));
    }
}

/// First out of the way of the next flight, then told to those who wait, by the end of `arrival`.
impl<T, E, F> Drop for Lead<'_, T, E, F> {
    fn drop(&mut self) {
        self.flights.flying().remove(&self.key);
    }
}

fn cache<V: Clone + Send + Sync + 'static>(ttl: Duration) -> Cache<FlightKey, V> {
    let cache = Cache::builder()
        .max_capacity(CAPACITY)
        .eviction_policy(EvictionPolicy::lru());
    cache.time_to_live(ttl).build()
}

impl<T, E, F> fmt::Debug for Flights<T, E, F> {
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
        flights: &Flights<u8, ()>,
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
        assert!(flights.landed(KEY, 130).is_some());
    }

    #[tokio::test]
    async fn who_comes_too_late_flies() {
        let flights = Flights::new();
        fly_in_parallel(&flights, 100, Ok(1)).await;
        assert!(flights.landed(KEY, 131).is_none());
        assert_eq!(fly_in_parallel(&flights, 131, Ok(1)).await, (1, 3));
    }

    #[tokio::test]
    async fn the_grace_begins_when_it_has_landed() {
        let (flights, clock): (Flights<u8, ()>, _) = (Flights::new(), Clock::at(100));
        let fly = async {
            clock.set(115);
            Ok::<_, ()>(1)
        };
        flights.share(KEY, &clock, fly).await.unwrap();
        assert!(flights.landed(KEY, 145).is_some());
        assert!(flights.landed(KEY, 146).is_none());
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

/// Every interleaving of a few callers, each of which may fail, or go away at any point.
#[cfg(test)]
mod model {
    use core::future::poll_fn;
    use core::pin::pin;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use core::task::Poll;
    use std::panic::AssertUnwindSafe;

    use super::*;
    use shuttle::future::{block_on, spawn, yield_now};

    /// What becomes of a caller.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Fate {
        Succeeds,
        Fails,
        /// It goes away after it has been polled so often.
        GoesAway(usize),
    }

    const FATES: [Fate; 4] = [
        Fate::Succeeds,
        Fate::Fails,
        Fate::GoesAway(1),
        Fate::GoesAway(2),
    ];

    #[derive(Default)]
    struct Seen {
        under_way: AtomicUsize,
        exchanges: AtomicUsize,
        landed: AtomicUsize,
    }

    /// An exchange at the provider, which takes a while.
    async fn exchange(seen: &Seen, fate: Fate, session: u8) -> Result<u8, Fate> {
        struct UnderWay<'a>(&'a AtomicUsize);
        impl Drop for UnderWay<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        assert_eq!(seen.landed.load(Ordering::SeqCst), 0, "it has landed");
        let others = seen.under_way.fetch_add(1, Ordering::SeqCst);
        let _under_way = UnderWay(&seen.under_way);
        assert_eq!(others, 0, "two at once");
        seen.exchanges.fetch_add(1, Ordering::SeqCst);
        yield_now().await;
        match fate {
            Fate::Fails => Err(fate),
            _ => {
                seen.landed.fetch_add(1, Ordering::SeqCst);
                Ok(session)
            }
        }
    }

    /// `None`: the caller has gone away.
    async fn call(
        flights: Arc<Flights<u8, Fate>>,
        seen: Arc<Seen>,
        fate: Fate,
        session: u8,
    ) -> Option<Result<u8, Fate>> {
        let clock = Clock::at(100);
        let key = ([session; 16], 0);
        let mut share = pin!(flights.share(key, &clock, exchange(&seen, fate, session)));
        let mut polls = 0;
        let shared = poll_fn(|context| {
            if fate == Fate::GoesAway(polls) {
                return Poll::Ready(None);
            }
            polls += 1;
            let flown = share.as_mut().poll(context);
            if flown.is_pending() && fate == Fate::GoesAway(polls) {
                // It goes away later than it was polled, and nobody has to wake it.
                context.waker().wake_by_ref();
            }
            flown.map(Some)
        });
        shared.await.map(|flown| flown.map(|flown| *flown))
    }

    fn check(fates: &[Fate]) {
        let flights = Arc::new(Flights::new());
        let seen = Arc::new(Seen::default());
        let call = |&fate| spawn(call(Arc::clone(&flights), Arc::clone(&seen), fate, 1));
        let calls: Vec<_> = fates.iter().map(call).collect();
        for (call, fate) in calls.into_iter().zip(fates) {
            match block_on(call).unwrap() {
                Some(Ok(session)) => assert_eq!(session, 1),
                Some(Err(_)) => assert!(fates.contains(&Fate::Fails)),
                None => assert!(matches!(fate, Fate::GoesAway(_))),
            }
        }
        let landed = seen.landed.load(Ordering::SeqCst);
        assert!(landed <= 1);
        if !fates.contains(&Fate::Fails) && fates.contains(&Fate::Succeeds) {
            assert_eq!(landed, 1);
        }
        assert!(flights.flying().is_empty());
    }

    fn every(story: impl Fn() + Send + Sync + 'static) -> bool {
        let mut config = shuttle::Config::new();
        config.stack_size = 512 * 1024;
        let every = shuttle::scheduler::DfsScheduler::new(None, false);
        let run = || shuttle::Runner::new(every, config).run(story);
        std::panic::catch_unwind(AssertUnwindSafe(run)).is_ok()
    }

    #[test]
    fn one_exchange_and_nobody_waits_for_ever() {
        for (at, one) in FATES.into_iter().enumerate() {
            for (other_at, other) in FATES.into_iter().enumerate().skip(at) {
                for third in FATES.into_iter().skip(other_at) {
                    let fates = [one, other, third];
                    assert!(every(move || check(&fates)), "{fates:?}");
                }
            }
        }
    }

    #[test]
    fn nobody_gets_the_result_of_another_session() {
        for fate in FATES {
            let story = move || {
                let flights = Arc::new(Flights::new());
                let call = |fate, session| {
                    let seen = Arc::default();
                    spawn(call(Arc::clone(&flights), seen, fate, session))
                };
                let (one, other) = (call(fate, 1), call(Fate::Succeeds, 2));
                assert_eq!(block_on(other).unwrap(), Some(Ok(2)));
                let one = block_on(one).unwrap();
                assert!(matches!(one, None | Some(Ok(1) | Err(Fate::Fails))));
            };
            assert!(every(story), "{fate:?}");
        }
    }
}
