//! A shared state, or a session store, that nobody waits for longer than once.

use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::error::{StateError, StateFuture};
use super::session_store::SessionStore;
use super::shared_state::SharedState;
use crate::clock::moment;
use crate::log;
use crate::log::metrics::{StoreCall, Timer};

/// The two kinds of it, as metrics name them.
const SHARED: &str = "shared_state";
const SESSIONS: &str = "sessions";

/// How long a call may take: longer than a store is asked to, and requests wait no longer.
const LIMIT: Duration = Duration::from_secs(2);
/// A call that fails later than this has kept somebody waiting.
const SLOW: Duration = Duration::from_millis(400);
/// How long after such a call nobody tries.
const PAUSE: Duration = Duration::from_millis(500);

/// A shared state or a store whose calls give up in time, also where it does not do so itself; and
/// which, once a call has had to wait in vain, is asked by one call at a time until it answers.
#[derive(Debug)]
pub(crate) struct Timeout<S: ?Sized> {
    inner: Arc<S>,
    breaker: Arc<Breaker>,
}

impl<S: Send + Sync + ?Sized> Timeout<S> {
    pub(crate) fn new(inner: Arc<S>) -> Self {
        Self {
            inner,
            breaker: Arc::default(),
        }
    }

    /// Another way to the same store: where a call of one has waited in vain, so has one of the other.
    pub(crate) fn beside<T: ?Sized>(&self, inner: Arc<T>) -> Timeout<T> {
        Timeout {
            inner,
            breaker: Arc::clone(&self.breaker),
        }
    }

    /// A call that is not made while it would wait in vain.
    fn call<'a, T: Send + 'a>(
        &'a self,
        name: StoreCall,
        call: impl FnOnce() -> StateFuture<'a, T> + Send + 'a,
    ) -> StateFuture<'a, T> {
        Box::pin(async move {
            let waiting = self.breaker.enter()?;
            waiting.for_answer(name, call()).await
        })
    }

    /// A call that is always made: what it writes is not to be lost as long as it may be taken.
    fn must_call<'a, T: Send + 'a>(
        &'a self,
        name: StoreCall,
        call: impl FnOnce() -> StateFuture<'a, T> + Send + 'a,
    ) -> StateFuture<'a, T> {
        Box::pin(async move {
            let waiting = self.breaker.waiting(false);
            waiting.for_answer(name, call()).await
        })
    }
}

#[derive(Debug, Default)]
struct Breaker(Mutex<Known>);

/// What is known of whether it answers.
#[derive(Debug, Default)]
struct Known {
    answered: Option<Instant>,
    /// `None`: it does, as far as is known.
    silence: Option<Silence>,
}

#[derive(Debug)]
struct Silence {
    /// When a call has waited in vain the last time.
    last: Instant,
    is_probed: bool,
}

/// A call that is under way.
struct Waiting<'a> {
    breaker: &'a Breaker,
    since: Instant,
    is_probe: bool,
}

impl Breaker {
    fn enter(&self) -> Result<Waiting<'_>, StateError> {
        let mut known = self.known();
        let Some(silence) = &mut known.silence else {
            return Ok(self.waiting(false));
        };
        if silence.is_probed || silence.last.elapsed() < PAUSE {
            return Err(StateError::new("it gave no answer a moment ago"));
        }
        silence.is_probed = true;
        Ok(self.waiting(true))
    }

    fn waiting(&self, is_probe: bool) -> Waiting<'_> {
        Waiting {
            breaker: self,
            since: moment(),
            is_probe,
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting<'_> {
    async fn for_answer<T>(
        self,
        name: StoreCall,
        call: StateFuture<'_, T>,
    ) -> Result<T, StateError> {
        let timer = Timer::start();
        let answer = tokio::time::timeout(LIMIT, call).await;
        let answer = answer.unwrap_or_else(|_| Err(StateError::new("it gave no answer in time")));
        timer.end_store_call(name, answer.is_ok());
        let mut known = self.breaker.known();
        let now = moment();
        // Where others have got answers meanwhile, it is no silence.
        let is_silent = now.duration_since(self.since) >= SLOW
            && known.answered.is_none_or(|answered| answered < self.since);
        if answer.is_ok() {
            known.answered = Some(now);
            if known.silence.take().is_some() {
                log::info!("it answers again");
            }
        } else if is_silent {
            if known.silence.is_none() {
                log::error!("it gives no answer: until it does, one request at a time asks it");
            }
            let is_probed = known.silence.as_ref().is_some_and(|it| it.is_probed);
            known.silence = Some(Silence {
                last: now,
                is_probed: is_probed && !self.is_probe,
            });
        }
        answer
    }
}

/// Who goes away leaves the question to the next one.
impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.is_probe
            && let Some(silence) = &mut self.breaker.known().silence
        {
            silence.is_probed = false;
        }
    }
}

impl SharedState for Timeout<dyn SharedState> {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        self.call((SHARED, "get"), move || self.inner.get(keys))
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        self.must_call((SHARED, "put"), move || self.inner.put(key, value, ttl))
    }

    fn put_new<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        self.call((SHARED, "put_new"), move || {
            self.inner.put_new(key, value, ttl)
        })
    }

    fn renew_if<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        self.call((SHARED, "renew_if"), move || {
            self.inner.renew_if(key, value, ttl)
        })
    }

    fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
        self.call((SHARED, "remove_if"), move || {
            self.inner.remove_if(key, value)
        })
    }

    fn count<'a>(&'a self, key: &'a str, ttl: Duration) -> StateFuture<'a, u64> {
        self.call((SHARED, "count"), move || self.inner.count(key, ttl))
    }
}

impl SessionStore for Timeout<dyn SessionStore> {
    fn create<'a>(
        &'a self,
        key: &'a str,
        record: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        self.call((SESSIONS, "create"), move || {
            self.inner.create(key, record, ttl)
        })
    }

    fn load<'a>(&'a self, key: &'a str) -> StateFuture<'a, Option<Vec<u8>>> {
        self.call((SESSIONS, "load"), move || self.inner.load(key))
    }

    fn save<'a>(&'a self, key: &'a str, record: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        self.must_call((SESSIONS, "save"), move || {
            self.inner.save(key, record, ttl)
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()> {
        self.must_call((SESSIONS, "delete"), move || self.inner.delete(key))
    }

    fn creates_in_one_step(&self) -> bool {
        self.inner.creates_in_one_step()
    }
}
