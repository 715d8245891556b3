//! A value that is fetched when it is needed, by one caller for all, and remembered.

use core::future::Future;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;

use crate::clock::UnixSeconds;

/// A remembered value, and the one flight that fetches it.
#[derive(Debug)]
pub(super) struct Cached<T, E> {
    value: RwLock<Option<(Arc<T>, UnixSeconds)>>,
    flight: Mutex<LastError<E>>,
}

/// How the last flight failed, if it did, and when it began.
type LastError<E> = Option<(E, UnixSeconds)>;

impl<T, E> Default for Cached<T, E> {
    fn default() -> Self {
        Self {
            value: RwLock::default(),
            flight: Mutex::default(),
        }
    }
}

impl<T, E: Clone> Cached<T, E> {
    /// What is remembered, however old. Never waits for a flight.
    pub(super) fn known(&self) -> Option<Arc<T>> {
        let value = self.value.read().unwrap_or_else(PoisonError::into_inner);
        value.as_ref().map(|(value, _)| Arc::clone(value))
    }

    fn fresh(&self, now: UnixSeconds, max_age: u64) -> Option<Arc<T>> {
        let value = self.value.read().unwrap_or_else(PoisonError::into_inner);
        let (value, at) = value.as_ref()?;
        (now.saturating_sub(*at) < max_age).then(|| Arc::clone(value))
    }

    /// What is remembered where it is younger than `max_age` seconds, else what `fetch` gives.
    /// Those who come during a flight get what it brings, a failure too.
    pub(super) async fn get(
        &self,
        now: UnixSeconds,
        max_age: u64,
        fetch: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        self.get_with_pause(now, max_age, 0, fetch).await
    }

    /// As [`get`](Self::get); those who come less than `pause` seconds after a flight that failed
    /// get its failure, and start no other.
    pub(super) async fn get_with_pause(
        &self,
        now: UnixSeconds,
        max_age: u64,
        pause: u64,
        fetch: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        if let Some(value) = self.fresh(now, max_age) {
            return Ok(value);
        }
        let (mut flight, waited) = match self.flight.try_lock() {
            Ok(flight) => (flight, false),
            Err(_) => (self.flight.lock().await, true),
        };
        if let Some(value) = self.fresh(now, max_age) {
            return Ok(value);
        }
        if let Some((error, at)) = &*flight
            && (waited || now.saturating_sub(*at) < pause)
        {
            return Err(error.clone());
        }
        // Whoever waits for a flight that is cut short must not take the failure before it for its own.
        *flight = None;
        let fetched = fetch.await.map(Arc::new);
        *flight = fetched.as_ref().err().map(|error| (error.clone(), now));
        if let Ok(value) = &fetched {
            self.store(Arc::clone(value), now);
        }
        fetched
    }

    /// Takes what is remembered for fresh, for `seconds` more: it could not be fetched again.
    pub(super) fn extend(&self, now: UnixSeconds, max_age: u64, seconds: u64) {
        let mut slot = self.value.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, at)) = slot.as_mut() {
            *at = (now + seconds).saturating_sub(max_age);
        }
    }

    /// Remembers a value that was fetched elsewhere.
    pub(super) fn put(&self, value: T, now: UnixSeconds) {
        self.store(Arc::new(value), now);
    }

    fn store(&self, value: Arc<T>, now: UnixSeconds) {
        let mut slot = self.value.write().unwrap_or_else(PoisonError::into_inner);
        *slot = Some((value, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use tokio::task::yield_now;

    async fn get_all(cached: &Cached<u8, ()>, result: Result<u8, ()>) -> (usize, Vec<bool>) {
        let flights = AtomicUsize::new(0);
        let one = || {
            cached.get(100, 10, async {
                flights.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
                result
            })
        };
        let (a, b, c) = tokio::join!(one(), one(), one());
        (flights.into_inner(), vec![a.is_ok(), b.is_ok(), c.is_ok()])
    }

    #[tokio::test]
    async fn all_who_come_at_once_share_one_flight() {
        assert_eq!(get_all(&Cached::default(), Ok(1)).await, (1, vec![true; 3]));
    }

    #[tokio::test]
    async fn they_share_its_failure_and_the_next_one_tries_again() {
        let cached = Cached::default();
        assert_eq!(get_all(&cached, Err(())).await, (1, vec![false; 3]));
        assert_eq!(get_all(&cached, Ok(1)).await, (1, vec![true; 3]));
    }

    #[tokio::test]
    async fn where_a_pause_is_kept_a_failure_is_the_answer_until_it_is_over() {
        let cached = Cached::default();
        let fetch = |now, result| cached.get_with_pause(now, 60, 10, async move { result });
        assert!(fetch(100, Err(())).await.is_err());
        assert!(fetch(109, Ok(1)).await.is_err());
        assert!(fetch(110, Ok(1)).await.is_ok());
    }

    #[tokio::test]
    async fn what_cannot_be_fetched_again_can_be_kept_for_a_while() {
        let cached: Cached<u8, ()> = Cached::default();
        cached.put(1, 100);
        cached.extend(200, 50, 10);
        let fetch = |now| cached.get(now, 50, async { Ok(2) });
        assert_eq!(*fetch(209).await.unwrap(), 1);
        assert_eq!(*fetch(210).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn what_is_old_is_fetched_again() {
        let cached: Cached<u8, ()> = Cached::default();
        let fetch = |now, value| cached.get(now, 10, async move { Ok(value) });
        assert_eq!(*fetch(100, 1).await.unwrap(), 1);
        assert_eq!(*fetch(109, 2).await.unwrap(), 1);
        assert_eq!(*fetch(110, 2).await.unwrap(), 2);
        assert_eq!(cached.known().as_deref(), Some(&2));
    }
}
