//! A session store as the shared state, for apps that have no other.

use core::time::Duration;
use std::sync::Arc;

use crate::state::SharedState;
use crate::store::{SessionStore, StateFuture};

/// How long a record has to stay what it is before it counts as created, where the store does not
/// decide and write in one step: longer than any such two steps take.
const SETTLE: Duration = Duration::from_millis(100);

/// What machines share beside their sessions, in the store of the sessions.
#[derive(Debug, Clone)]
pub(super) struct SharedStore(pub(super) Arc<dyn SessionStore>);

impl SharedState for SharedStore {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        Box::pin(async move {
            let mut values = Vec::with_capacity(keys.len());
            for key in keys {
                values.push(self.0.load(key).await?);
            }
            Ok(values)
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        Box::pin(async move {
            let _ = self.0.create(key, value, ttl).await?
                || self.0.save(key, value, ttl).await?
                // It ran out between the two.
                || self.0.create(key, value, ttl).await?;
            Ok(())
        })
    }

    fn put_new<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        Box::pin(async move {
            if !self.0.create(key, value, ttl).await? {
                return Ok(false);
            }
            if self.0.creates_in_one_step() || value.is_empty() {
                return Ok(true);
            }
            // Of those who wrote at once, the last one has it.
            tokio::time::sleep(SETTLE).await;
            Ok(self.0.load(key).await?.as_deref() == Some(value))
        })
    }

    /// In two steps, which a store has no one for: what it removes are locks, that run out long
    /// after those who hold them have let go.
    fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
        Box::pin(async move {
            match self.0.load(key).await? {
                Some(found) if found == value => self.0.delete(key).await,
                _ => Ok(()),
            }
        })
    }

    /// Counts nothing: each process counts its own calls, and a store is not asked for each.
    fn count<'a>(&'a self, _: &'a str, _: Duration) -> StateFuture<'a, u64> {
        Box::pin(async { Ok(0) })
    }
}
