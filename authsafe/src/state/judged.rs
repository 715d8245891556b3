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

    pub(crate) fn forget(&self, token: &TokenHash) {
        self.0.invalidate(token);
    }
}

impl<T> fmt::Debug for Judged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judged(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
