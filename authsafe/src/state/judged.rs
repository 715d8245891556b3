//! What was found out about tokens, by their hash.

use core::fmt;
use core::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// The SHA-256 of a token.
pub(crate) type TokenHash = [u8; 32];

/// How many are remembered at the most.
const CAPACITY: u64 = 10_000;

/// What one process has found out, by the hash of a token.
pub(crate) struct Judged<T>(Cache<TokenHash, T>);

impl<T: Clone + Send + Sync + 'static> Judged<T> {
    /// `max_age`: nothing that was found out is good for longer.
    pub(crate) fn new(max_age: Duration) -> Self {
        let cache = Cache::builder()
            .max_capacity(CAPACITY)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(max_age);
        Self(cache.build())
    }

    pub(crate) fn get(&self, token: &TokenHash) -> Option<T> {
        self.0.get(token)
    }

    pub(crate) fn remember(&self, token: TokenHash, found: T) {
        self.0.insert(token, found);
    }
}

impl<T> fmt::Debug for Judged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judged(..)")
    }
}

/// Questions about tokens that are under way: one for all who show a token at once.
pub(crate) struct Questions<T>(moka::future::Cache<TokenHash, T>);

impl<T: Clone + Send + Sync + 'static> Questions<T> {
    pub(crate) fn new() -> Self {
        Self(moka::future::Cache::new(CAPACITY))
    }

    /// The answer to `ask`, or to the same question of somebody else.
    pub(crate) async fn ask<E: Clone + Send + Sync + 'static>(
        &self,
        token: TokenHash,
        ask: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let answer = self.0.try_get_with(token, ask).await;
        // How long it is good for is not known here.
        self.0.invalidate(&token).await;
        answer.map_err(|error| E::clone(&error))
    }
}

impl<T> fmt::Debug for Questions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Questions(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_question_is_asked_once_for_all_who_have_it_and_again_by_the_next() {
        let (questions, asked) = (Questions::new(), core::sync::atomic::AtomicU8::new(0));
        let one = || {
            questions.ask([1; 32], async {
                tokio::task::yield_now().await;
                let before = asked.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
                Ok::<_, ()>(before)
            })
        };
        assert_eq!(tokio::join!(one(), one()), (Ok(0), Ok(0)));
        assert_eq!(one().await, Ok(1));
    }

    #[test]
    fn there_is_a_bound_to_it() {
        let judged = Judged::new(Duration::from_secs(60));
        for i in 0..2 * CAPACITY {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&i.to_be_bytes());
            judged.remember(hash, i);
        }
        judged.0.run_pending_tasks();
        assert!(judged.0.entry_count() <= CAPACITY);
    }
}
