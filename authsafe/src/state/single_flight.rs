//! Refreshes in flight, and their results.
//!
//! A refresh token may be good for one use. Requests that come in parallel with the same session
//! share one exchange, and those that come late with the cookie from before it get its result.

use core::future::Future;
use core::hash::Hash;
use core::time::Duration;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::expiring::Expiring;
use crate::clock::{Clock, UnixSeconds};
use crate::session::SessionId;

/// How long the result of a refresh is kept for those who come late.
pub(crate) const GRACE: Duration = Duration::from_secs(30);
/// How long nobody tries again after a failure, unless somebody asks for it.
const PAUSE: Duration = Duration::from_secs(10);
/// How many results are kept at the most, and half of them at the least, where so many come.
const CAPACITY: usize = 100_000;

/// The session's id, and how often it has been renewed before.
pub(crate) type RenewalKey = (SessionId, u32);

/// Refreshes of one process, or what else is done once for all who ask at once; `F` is how they fail, as
/// far as that is kept.
pub(crate) struct SingleFlight<T, E, F = (), K = RenewalKey> {
    in_flight: Mutex<HashMap<K, Waiting<T, E>>>,
    // `None`: nothing is kept for those who come late.
    done: Option<Expiring<K, (Arc<T>, UnixSeconds)>>,
    failed: Option<Expiring<K, (F, UnixSeconds)>>,
}

/// Where those who follow a flight wait for what it brings. Closed: nobody leads it any more.
type Waiting<T, E> = watch::Receiver<Option<Result<Arc<T>, E>>>;

/// A result, and whether it is one's own.
#[derive(Debug)]
pub(crate) enum Shared<T, F = T> {
    Led(T),
    /// Another caller's, or another machine's.
    Followed(F),
}

/// What somebody has to do with a flight.
enum Part<'a, T, E, F, K: Clone + Eq + Hash> {
    Late(Arc<T>),
    Follows(Waiting<T, E>),
    Leads(Leader<'a, T, E, F, K>),
}

/// A flight that is under way, and is over when this is dropped.
struct Leader<'a, T, E, F, K: Clone + Eq + Hash> {
    single_flight: &'a SingleFlight<T, E, F, K>,
    key: K,
    result: watch::Sender<Option<Result<Arc<T>, E>>>,
}

impl<T, E, F, K> SingleFlight<T, E, F, K>
where
    K: Clone + Eq + Hash,
    E: Clone,
    F: Copy,
{
    pub(crate) fn new() -> Self {
        Self {
            done: Some(Expiring::new(GRACE, CAPACITY)),
            failed: Some(Expiring::new(PAUSE, CAPACITY)),
            in_flight: Mutex::default(),
        }
    }

    /// Keeps nothing for those who come late.
    pub(crate) fn without_memory() -> Self {
        Self {
            in_flight: Mutex::default(),
            done: None,
            failed: None,
        }
    }

    /// The result of the exchange with this key: of one that is done or in flight, else of
    /// `exchange`. A failure goes to all who wait for it, and is not kept.
    ///
    /// A caller that goes away takes its exchange down with it, and the next one makes another: call
    /// it from a task of its own where `exchange` must not be done twice.
    pub(crate) async fn share(
        &self,
        key: K,
        clock: &Clock,
        exchange: impl Future<Output = Result<T, E>>,
    ) -> Result<Shared<Arc<T>>, E> {
        loop {
            match self.part(&key, clock.now()) {
                Part::Late(done) => return Ok(Shared::Followed(done)),
                Part::Leads(leader) => {
                    let result = exchange.await.map(Arc::new);
                    // The grace begins when it is done, however long it took.
                    leader.complete(&result, clock.now());
                    return result.map(Shared::Led);
                }
                Part::Follows(mut waiting) => {
                    let result = waiting.wait_for(Option::is_some).await;
                    if let Some(result) = result.ok().and_then(|result| result.clone()) {
                        return result.map(Shared::Followed);
                    }
                }
            }
        }
    }

    fn part(&self, key: &K, now: UnixSeconds) -> Part<'_, T, E, F, K> {
        let mut in_flight = self.in_flight();
        if let Some(done) = self.done(key, now) {
            return Part::Late(done);
        }
        match in_flight.entry(key.clone()) {
            Entry::Occupied(flight) => Part::Follows(flight.get().clone()),
            Entry::Vacant(none) => {
                let (result, waiting) = watch::channel(None);
                none.insert(waiting);
                Part::Leads(Leader {
                    single_flight: self,
                    key: key.clone(),
                    result,
                })
            }
        }
    }

    /// A flight with this key has failed, and the next one would too.
    pub(crate) fn note_failure(&self, key: K, failure: F, now: UnixSeconds) {
        if let Some(failed) = &self.failed {
            failed.put(key, (failure, now));
        }
    }

    /// Returns how a flight with this key has failed a moment ago, if it has.
    pub(crate) fn failed_lately(&self, key: K, now: UnixSeconds) -> Option<F> {
        let (failure, at) = self.failed.as_ref()?.get(&key)?;
        (now.saturating_sub(at) < PAUSE.as_secs()).then_some(failure)
    }

    /// Returns what a flight brought, while that is kept for those who come late.
    fn done(&self, key: &K, now: UnixSeconds) -> Option<Arc<T>> {
        let (done, at) = self.done.as_ref()?.get(key)?;
        (now.saturating_sub(at) <= GRACE.as_secs()).then_some(done)
    }
}

impl<T, E, F, K> SingleFlight<T, E, F, K> {
    fn in_flight(&self) -> MutexGuard<'_, HashMap<K, Waiting<T, E>>> {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, E: Clone, F, K: Clone + Eq + Hash> Leader<'_, T, E, F, K> {
    fn complete(self, result: &Result<Arc<T>, E>, now: UnixSeconds) {
        if let (Ok(result), Some(done)) = (result, &self.single_flight.done) {
            done.put(self.key.clone(), (Arc::clone(result), now));
        }
        self.result.send_replace(Some(result.clone()));
    }
}

/// First out of the way of the next flight, then told to those who wait, by the end of `result`.
impl<T, E, F, K: Clone + Eq + Hash> Drop for Leader<'_, T, E, F, K> {
    fn drop(&mut self) {
        self.single_flight.in_flight().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::{AtomicUsize, Ordering};

    const KEY: RenewalKey = (SessionId([1; 16]), 0);

    async fn exchange_in_parallel(
        single_flight: &SingleFlight<u8, ()>,
        now: u64,
        result: Result<u8, ()>,
    ) -> (usize, usize) {
        let (count, good) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let clock = Clock::at(now);
        let one = async || {
            let flight = single_flight.share(KEY, &clock, async {
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
        assert_eq!(
            exchange_in_parallel(&SingleFlight::new(), 100, Ok(1)).await,
            (1, 3)
        );
    }

    #[tokio::test]
    async fn who_comes_late_gets_what_it_brought() {
        let single_flight = SingleFlight::new();
        exchange_in_parallel(&single_flight, 100, Ok(1)).await;
        assert_eq!(
            exchange_in_parallel(&single_flight, 130, Err(())).await,
            (0, 3)
        );
        assert!(single_flight.done(&KEY, 130).is_some());
    }

    #[tokio::test]
    async fn without_memory_who_comes_late_flies() {
        let single_flight = SingleFlight::without_memory();
        let parallel = exchange_in_parallel(&single_flight, 100, Ok(1)).await;
        assert_eq!(parallel, (1, 3));
        let late = exchange_in_parallel(&single_flight, 100, Err(())).await;
        assert_eq!(late, (1, 0));
    }

    #[tokio::test]
    async fn who_comes_too_late_flies() {
        let single_flight = SingleFlight::new();
        exchange_in_parallel(&single_flight, 100, Ok(1)).await;
        assert!(single_flight.done(&KEY, 131).is_none());
        assert_eq!(
            exchange_in_parallel(&single_flight, 131, Ok(1)).await,
            (1, 3)
        );
    }

    #[tokio::test]
    async fn the_grace_begins_when_it_has_landed() {
        let (single_flight, clock): (SingleFlight<u8, ()>, _) =
            (SingleFlight::new(), Clock::at(100));
        let fly = async {
            clock.set(115);
            Ok::<_, ()>(1)
        };
        single_flight.share(KEY, &clock, fly).await.unwrap();
        assert!(single_flight.done(&KEY, 145).is_some());
        assert!(single_flight.done(&KEY, 146).is_none());
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let single_flight = SingleFlight::new();
        assert_eq!(
            exchange_in_parallel(&single_flight, 100, Err(())).await,
            (1, 0)
        );
        assert_eq!(single_flight.failed_lately(KEY, 100), None);
        single_flight.note_failure(KEY, (), 100);
        assert_eq!(single_flight.failed_lately(KEY, 109), Some(()));
        assert_eq!(single_flight.failed_lately(KEY, 110), None);
        assert_eq!(
            exchange_in_parallel(&single_flight, 100, Ok(1)).await,
            (1, 3)
        );
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
        done: AtomicUsize,
    }

    /// An exchange at the provider, which takes a while.
    async fn exchange(seen: &Seen, fate: Fate, session: u8) -> Result<u8, Fate> {
        struct UnderWay<'a>(&'a AtomicUsize);
        impl Drop for UnderWay<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        assert_eq!(seen.done.load(Ordering::SeqCst), 0, "it is done already");
        let others = seen.under_way.fetch_add(1, Ordering::SeqCst);
        let _under_way = UnderWay(&seen.under_way);
        assert_eq!(others, 0, "two at once");
        seen.exchanges.fetch_add(1, Ordering::SeqCst);
        yield_now().await;
        match fate {
            Fate::Fails => Err(fate),
            _ => {
                seen.done.fetch_add(1, Ordering::SeqCst);
                Ok(session)
            }
        }
    }

    /// `None`: the caller has gone away.
    async fn call(
        single_flight: Arc<SingleFlight<u8, Fate>>,
        seen: Arc<Seen>,
        fate: Fate,
        session: u8,
    ) -> Option<Result<u8, Fate>> {
        let clock = Clock::at(100);
        let key = (SessionId([session; 16]), 0);
        let mut share = pin!(single_flight.share(key, &clock, exchange(&seen, fate, session)));
        let mut polls = 0;
        let shared = poll_fn(|context| {
            if fate == Fate::GoesAway(polls) {
                return Poll::Ready(None);
            }
            polls += 1;
            let result = share.as_mut().poll(context);
            if result.is_pending() && fate == Fate::GoesAway(polls) {
                // It goes away later than it was polled, and nobody has to wake it.
                context.waker().wake_by_ref();
            }
            result.map(Some)
        });
        let shared = shared.await?;
        Some(shared.map(|(Shared::Led(it) | Shared::Followed(it))| *it))
    }

    fn check(fates: &[Fate]) {
        let single_flight = Arc::new(SingleFlight::new());
        let seen = Arc::new(Seen::default());
        let call = |&fate| spawn(call(Arc::clone(&single_flight), Arc::clone(&seen), fate, 1));
        let calls: Vec<_> = fates.iter().map(call).collect();
        for (call, fate) in calls.into_iter().zip(fates) {
            match block_on(call).unwrap() {
                Some(Ok(session)) => assert_eq!(session, 1),
                Some(Err(_)) => assert!(fates.contains(&Fate::Fails)),
                None => assert!(matches!(fate, Fate::GoesAway(_))),
            }
        }
        let done = seen.done.load(Ordering::SeqCst);
        assert!(done <= 1);
        if !fates.contains(&Fate::Fails) && fates.contains(&Fate::Succeeds) {
            assert_eq!(done, 1);
        }
        assert!(single_flight.in_flight().is_empty());
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
                let single_flight = Arc::new(SingleFlight::new());
                let call = |fate, session| {
                    let seen = Arc::default();
                    spawn(call(Arc::clone(&single_flight), seen, fate, session))
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
