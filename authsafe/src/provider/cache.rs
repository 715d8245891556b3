//! A value that is fetched when it is needed, by one task for all who ask, and remembered.

use core::future::Future;
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::clock::Clock;
use crate::error::ProviderError;
use crate::types::spawn;

/// The ages of a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ages {
    /// From this age on it is fetched anew, and serves meanwhile.
    pub(super) renewal: Duration,
    /// From this age on it does not serve. `None`: it serves until there is a newer one.
    pub(super) end: Option<Duration>,
    /// For this time after a failed fetch a value that serves is not fetched again.
    pub(super) pause: Duration,
}

/// A remembered value, and the one fetch of it that is under way.
#[derive(Debug)]
pub(super) struct Cached<T> {
    slot: Arc<Mutex<Slot<T>>>,
    clock: Clock,
    ages: Ages,
}

#[derive(Debug)]
struct Slot<T> {
    /// The value, and the time at which its fetch began: it is as old as that.
    value: Option<(Arc<T>, Duration)>,
    fetch: Option<Fetch<T>>,
    /// The failure of the last fetch, and its time.
    failure: Option<(ProviderError, Duration)>,
}

/// A fetch under way, as those see it who wait for what it brings.
pub(super) type Fetch<T> = watch::Receiver<Option<Fetched<T>>>;
pub(super) type Fetched<T> = Result<Arc<T>, ProviderError>;

/// A value, and whether it came of a fetch that was waited for.
pub(super) struct Found<T> {
    pub(super) value: Arc<T>,
    pub(super) is_new: bool,
}

impl<T: Send + Sync + 'static> Cached<T> {
    pub(super) fn new(clock: Clock, ages: Ages) -> Self {
        let slot = Slot {
            value: None,
            fetch: None,
            failure: None,
        };
        Self {
            slot: Arc::new(Mutex::new(slot)),
            clock,
            ages,
        }
    }

    /// Returns what is remembered, however old. Waits for no fetch.
    pub(super) fn known(&self) -> Option<Arc<T>> {
        let slot = self.slot();
        slot.value.as_ref().map(|(value, _)| Arc::clone(value))
    }

    /// Returns what is remembered while it serves, else what `fetch` brings. Those who come during a
    /// fetch get what it brings, a failure too. One who goes away leaves it to the others. `fetch` is
    /// called under the lock: it must not ask here.
    pub(super) async fn get<F>(&self, fetch: impl FnOnce() -> F) -> Result<Found<T>, ProviderError>
    where
        F: Future<Output = Result<T, ProviderError>> + Send + 'static,
    {
        let now = self.clock.passed();
        {
            let mut slot = self.slot();
            if let Some((value, began)) = &slot.value {
                let (value, age) = (Arc::clone(value), now.saturating_sub(*began));
                if self.ages.end.is_none_or(|end| age < end) {
                    let rests = slot.failed_within(self.ages.pause, now).is_some();
                    if age >= self.ages.renewal && !rests && slot.under_way().is_none() {
                        self.start(&mut slot, fetch());
                    }
                    let is_new = false;
                    return Ok(Found { value, is_new });
                }
            }
        }
        let value = self.fetched(fetch).await?;
        Ok(Found {
            value,
            is_new: true,
        })
    }

    /// Returns the fetch under way, or else begins this one.
    pub(super) fn begin<F>(&self, fetch: impl FnOnce() -> F) -> Fetch<T>
    where
        F: Future<Output = Result<T, ProviderError>> + Send + 'static,
    {
        let mut slot = self.slot();
        let under_way = slot.under_way();
        under_way.unwrap_or_else(|| self.start(&mut slot, fetch()))
    }

    async fn fetched<F>(&self, fetch: impl FnOnce() -> F) -> Fetched<T>
    where
        F: Future<Output = Result<T, ProviderError>> + Send + 'static,
    {
        let mut fetch = Some(fetch);
        loop {
            let under_way = {
                let mut slot = self.slot();
                match (slot.under_way(), fetch.take()) {
                    (Some(under_way), unused) => {
                        fetch = unused;
                        under_way
                    }
                    (None, Some(fetch)) => self.start(&mut slot, fetch()),
                    // It did not come to its end.
                    (None, None) => return Err(ProviderError::Unavailable),
                }
            };
            // One that ended with the runtime of whoever began it is begun again.
            if let Some(fetched) = outcome(under_way).await {
                return fetched;
            }
        }
    }

    /// Waits for the fetch under way, if there is one, and returns what is remembered then.
    pub(super) async fn settled(&self) -> Result<Option<Arc<T>>, ProviderError> {
        let under_way = self.slot().under_way();
        match under_way {
            Some(under_way) => ended(under_way).await.map(Some),
            None => Ok(self.known()),
        }
    }

    /// Returns the failure of a fetch that ended less than `pause` ago.
    pub(super) fn failed_within(&self, pause: Duration) -> Option<ProviderError> {
        self.slot().failed_within(pause, self.clock.passed())
    }

    /// Remembers a value that was fetched elsewhere.
    pub(super) fn put(&self, value: T) {
        let now = self.clock.passed();
        self.slot().value = Some((Arc::new(value), now));
    }

    /// Begins a fetch in a task of its own, so that nobody can call it off.
    fn start(
        &self,
        slot: &mut Slot<T>,
        fetch: impl Future<Output = Result<T, ProviderError>> + Send + 'static,
    ) -> Fetch<T> {
        let (tell, under_way) = watch::channel(None);
        slot.fetch = Some(under_way.clone());
        let (slot, clock) = (Arc::clone(&self.slot), self.clock.clone());
        let began = clock.passed();
        spawn(Box::pin(async move {
            let fetched = fetch.await.map(Arc::new);
            {
                let mut slot = lock(&slot);
                slot.fetch = None;
                match &fetched {
                    Ok(value) => {
                        slot.value = Some((Arc::clone(value), began));
                        slot.failure = None;
                    }
                    Err(error) => slot.failure = Some((*error, clock.passed())),
                }
            }
            let _ = tell.send(Some(fetched));
        }));
        under_way
    }

    fn slot(&self) -> MutexGuard<'_, Slot<T>> {
        lock(&self.slot)
    }
}

fn lock<T>(slot: &Mutex<Slot<T>>) -> MutexGuard<'_, Slot<T>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Slot<T> {
    /// Returns the fetch that is under way. Where its task is gone, none is.
    fn under_way(&self) -> Option<Fetch<T>> {
        let fetch = self.fetch.as_ref()?;
        fetch.has_changed().is_ok().then(|| fetch.clone())
    }

    fn failed_within(&self, pause: Duration, now: Duration) -> Option<ProviderError> {
        let (error, at) = self.failure?;
        (now.saturating_sub(at) < pause).then_some(error)
    }
}

/// Waits for what a fetch brings. `None`: its task is gone.
async fn outcome<T>(mut under_way: Fetch<T>) -> Option<Fetched<T>> {
    let fetched = under_way.wait_for(Option::is_some).await.ok()?;
    fetched.clone()
}

/// Waits for what a fetch brings; a task that is gone is a failure.
pub(super) async fn ended<T>(under_way: Fetch<T>) -> Fetched<T> {
    let fetched = outcome(under_way).await;
    fetched.unwrap_or(Err(ProviderError::Unavailable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Semaphore;
    use tokio::task::yield_now;

    const AGES: Ages = Ages {
        renewal: Duration::from_secs(10),
        end: Some(Duration::from_secs(20)),
        pause: Duration::from_secs(5),
    };
    const FAILED: Result<u8, ProviderError> = Err(ProviderError::BadAnswer);

    struct Story {
        cached: Cached<u8>,
        clock: Clock,
        fetches: Arc<AtomicUsize>,
    }

    impl Story {
        fn new(ages: Ages) -> Self {
            let clock = Clock::at(100);
            Self {
                cached: Cached::new(clock.clone(), ages),
                clock,
                fetches: Arc::default(),
            }
        }

        fn fetches(&self) -> usize {
            self.fetches.load(Ordering::Relaxed)
        }

        /// Asks, where a fetch brings this.
        async fn get(&self, result: Result<u8, ProviderError>) -> Result<u8, ProviderError> {
            let fetches = Arc::clone(&self.fetches);
            let fetch = || async move {
                fetches.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
                result
            };
            self.cached.get(fetch).await.map(|found| *found.value)
        }

        /// Until the fetch under way has ended.
        async fn settle(&self) {
            while self.cached.slot().under_way().is_some() {
                yield_now().await;
            }
        }
    }

    #[tokio::test]
    async fn all_who_come_at_once_share_one_fetch() {
        let story = Story::new(AGES);
        let got = tokio::join!(story.get(Ok(1)), story.get(Ok(2)), story.get(Ok(3)));
        assert_eq!((got, story.fetches()), ((Ok(1), Ok(1), Ok(1)), 1));
    }

    #[tokio::test]
    async fn they_share_its_failure_and_the_next_one_tries_again() {
        let story = Story::new(AGES);
        let got = tokio::join!(story.get(FAILED), story.get(Ok(2)));
        assert_eq!((got, story.fetches()), ((FAILED, FAILED), 1));
        assert_eq!(story.get(Ok(3)).await, Ok(3));
    }

    #[tokio::test]
    async fn what_is_old_serves_while_it_is_fetched_again_and_what_is_too_old_does_not() {
        let story = Story::new(AGES);
        assert_eq!(story.get(Ok(1)).await, Ok(1));
        story.clock.set(109);
        assert_eq!((story.get(Ok(2)).await, story.fetches()), (Ok(1), 1));
        story.clock.set(110);
        assert_eq!(story.get(Ok(3)).await, Ok(1));
        assert_eq!(story.get(Ok(4)).await, Ok(1));
        story.settle().await;
        assert_eq!((story.get(Ok(5)).await, story.fetches()), (Ok(3), 2));
        story.clock.set(130);
        assert_eq!(story.get(Ok(6)).await, Ok(6));
    }

    #[tokio::test]
    async fn what_has_no_end_serves_while_it_cannot_be_fetched_and_that_is_tried_now_and_then() {
        let story = Story::new(Ages { end: None, ..AGES });
        assert_eq!(story.get(Ok(1)).await, Ok(1));
        story.clock.set(10_000);
        for (now, fetches) in [(10_000, 2), (10_004, 2), (10_005, 3)] {
            story.clock.set(now);
            assert_eq!(story.get(FAILED).await, Ok(1));
            story.settle().await;
            assert_eq!(story.fetches(), fetches, "{now}");
        }
        assert_eq!(story.get(Ok(2)).await, Ok(1));
        story.clock.set(10_010);
        assert_eq!(story.get(Ok(2)).await, Ok(1));
        story.settle().await;
        assert_eq!(story.get(Ok(3)).await, Ok(2));
    }

    #[tokio::test]
    async fn a_fetch_goes_on_when_all_who_asked_for_it_have_gone_away() {
        let story = Arc::new(Story::new(AGES));
        let door = Arc::new(Semaphore::new(0));
        for _ in 0..20 {
            let fetch = {
                let (door, fetches) = (Arc::clone(&door), Arc::clone(&story.fetches));
                move || async move {
                    fetches.fetch_add(1, Ordering::Relaxed);
                    let _ = door.acquire().await;
                    Ok(1)
                }
            };
            let ask = tokio::time::timeout(Duration::from_millis(5), story.cached.get(fetch));
            assert!(ask.await.is_err());
        }
        assert_eq!(story.fetches(), 1);
        door.add_permits(1);
        assert_eq!((story.get(Ok(2)).await, story.fetches()), (Ok(1), 1));
    }

    #[tokio::test]
    async fn one_that_ends_with_its_runtime_is_begun_again_and_one_that_panics_is_given_up() {
        let story = Story::new(AGES);
        let cached = Arc::new(Cached::<u8>::new(story.clock.clone(), AGES));
        let elsewhere = Arc::clone(&cached);
        let begun = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.build().unwrap();
            runtime.block_on(async move {
                let ask = elsewhere.get(core::future::pending);
                tokio::select! {
                    biased;
                    _ = ask => {}
                    () = yield_now() => {}
                }
            });
        });
        begun.join().unwrap();
        let got = cached.get(|| async { Ok(2) }).await;
        assert_eq!(*got.unwrap().value, 2);

        let panics = || async { panic!("a fetch of the test's that panics") };
        let got = story.cached.get(panics).await;
        assert_eq!(got.map(|it| *it.value), Err(ProviderError::Unavailable));
        assert_eq!(story.get(Ok(1)).await, Ok(1));
    }

    #[tokio::test]
    async fn a_clock_that_is_put_right_makes_nothing_older_or_younger() {
        let story = Story::new(AGES);
        // It was a day ahead.
        story.clock.correct(100 + 86_400);
        assert_eq!(story.get(Ok(1)).await, Ok(1));
        story.clock.correct(100);
        assert_eq!((story.get(Ok(2)).await, story.fetches()), (Ok(1), 1));
        story.clock.set(120);
        assert_eq!(story.get(Ok(3)).await, Ok(3));
        // It was a day behind.
        story.clock.correct(120 + 86_400);
        assert_eq!((story.get(Ok(4)).await, story.fetches()), (Ok(3), 2));
    }

    #[tokio::test]
    async fn a_newer_value_is_that_of_the_fetch_under_way_or_of_ones_own() {
        let story = Story::new(AGES);
        assert_eq!(story.get(Ok(1)).await, Ok(1));
        let one = story.cached.begin(|| async { Ok(2) });
        let other = story.cached.begin(|| async { Ok(3) });
        assert_eq!(story.cached.settled().await.unwrap().as_deref(), Some(&2));
        assert_eq!(*ended(one).await.unwrap(), 2);
        assert_eq!(*ended(other).await.unwrap(), 2);
        assert_eq!(story.cached.settled().await.unwrap().as_deref(), Some(&2));
        assert_eq!(story.cached.known().as_deref(), Some(&2));
    }

    #[tokio::test]
    async fn a_failure_is_remembered_until_the_next_fetch_succeeds() {
        let story = Story::new(AGES);
        let pause = Duration::from_secs(2);
        assert_eq!(story.get(FAILED).await, FAILED);
        assert!(story.cached.failed_within(pause).is_some());
        story.clock.set(102);
        assert!(story.cached.failed_within(pause).is_none());
        assert_eq!(story.get(FAILED).await, FAILED);
        assert_eq!(story.get(Ok(1)).await, Ok(1));
        assert!(story.cached.failed_within(pause).is_none());
    }
}
