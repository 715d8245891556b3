//! A session store that is not waited for forever.

use core::time::Duration;
use std::sync::Arc;

use crate::store::{SessionStore, StateError, StateFuture};

/// How long a call may take: longer than a store is asked to, and requests wait no longer.
const LIMIT: Duration = Duration::from_secs(2);

/// A store whose calls give up in time, also where it does not do so itself.
#[derive(Debug)]
pub(super) struct InTime(pub(super) Arc<dyn SessionStore>);

fn in_time<'a, T: 'a>(call: StateFuture<'a, T>) -> StateFuture<'a, T> {
    Box::pin(async {
        let answer = tokio::time::timeout(LIMIT, call).await;
        answer.unwrap_or_else(|_| Err(StateError::new("it gave no answer in time")))
    })
}

impl SessionStore for InTime {
    fn create<'a>(
        &'a self,
        key: &'a str,
        record: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        in_time(self.0.create(key, record, ttl))
    }

    fn load<'a>(&'a self, key: &'a str) -> StateFuture<'a, Option<Vec<u8>>> {
        in_time(self.0.load(key))
    }

    fn save<'a>(&'a self, key: &'a str, record: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        in_time(self.0.save(key, record, ttl))
    }

    fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()> {
        in_time(self.0.delete(key))
    }

    fn creates_in_one_step(&self) -> bool {
        self.0.creates_in_one_step()
    }
}
