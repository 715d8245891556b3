//! A session store as the shared state, for apps that have no other.

use core::time::Duration;
use std::sync::Arc;

use futures_util::future::try_join_all;

use super::error::StateFuture;
use super::session_store::SessionStore;
use super::shared_state::SharedState;

/// How long a record has to stay what it is before it counts as created, where the store does not
/// decide and write in one step: longer than any such two steps take.
const SETTLE: Duration = Duration::from_millis(100);

/// What machines share beside their sessions, in the store of the sessions.
#[derive(Debug, Clone)]
pub(crate) struct AsSharedState(Arc<dyn SessionStore>);

impl AsSharedState {
    pub(crate) fn new(records: Arc<dyn SessionStore>) -> Self {
        Self(records)
    }
}

impl SharedState for AsSharedState {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        // At once: each may be a way to a database and back.
        Box::pin(try_join_all(keys.iter().map(|key| self.0.load(key))))
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

    /// In two steps, which a store has no one for; and only while whoever holds the lock can have
    /// it, since renewals come long before a lock runs out.
    fn renew_if<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        Box::pin(async move {
            let found = self.0.load(key).await?;
            Ok(found.as_deref() == Some(value) && self.0.save(key, value, ttl).await?)
        })
    }

    /// In two steps, which a store has no one for: who removes a lock holds it, and renews it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Memory;
    use tokio::sync::Barrier;

    /// Answers a look when it has been looked at twice.
    #[derive(Debug)]
    struct ByTwo(Memory, Barrier);

    impl SessionStore for ByTwo {
        fn create<'a>(
            &'a self,
            key: &'a str,
            it: &'a [u8],
            ttl: Duration,
        ) -> StateFuture<'a, bool> {
            self.0.create(key, it, ttl)
        }

        fn load<'a>(&'a self, key: &'a str) -> StateFuture<'a, Option<Vec<u8>>> {
            Box::pin(async {
                self.1.wait().await;
                self.0.load(key).await
            })
        }

        fn save<'a>(&'a self, key: &'a str, it: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
            self.0.save(key, it, ttl)
        }

        fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()> {
            self.0.delete(key)
        }
    }

    #[tokio::test]
    async fn several_keys_are_looked_up_at_once_and_come_in_their_order() {
        let store = ByTwo(Memory::default(), Barrier::new(2));
        store.create("b", b"2", SETTLE * 100).await.unwrap();
        let shared = AsSharedState::new(Arc::new(store));
        let values = tokio::time::timeout(SETTLE * 10, SharedState::get(&shared, &["a", "b"]));
        let values = values.await.unwrap().unwrap();
        assert_eq!(values, [None, Some(b"2".to_vec())]);
    }
}
