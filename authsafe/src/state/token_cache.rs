//! What was found out about tokens, by their hash.

use core::fmt;
use core::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// The SHA-256 of a token.
pub(crate) type TokenHash = [u8; 32];

/// How many are remembered at the most.
const CAPACITY: u64 = 10_000;
/// How many of the app's own, at some 100 bytes.
const HELD: u64 = 100_000;

/// What one process has found out, by the hash of a token.
pub(crate) struct TokenCache<T>(Cache<TokenHash, T>);

impl<T: Clone + Send + Sync + 'static> TokenCache<T> {
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

impl<T> fmt::Debug for TokenCache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCache(..)")
    }
}

/// Tokens that are no access tokens, whatever anybody says of them: the app's own refresh tokens, as
/// many as this process has had lately.
pub(crate) struct OwnRefreshTokens(Cache<TokenHash, ()>);

impl OwnRefreshTokens {
    /// `max_age`: no session lasts longer, and no refresh token is held longer than its session.
    pub(crate) fn new(max_age: Duration) -> Self {
        let cache = Cache::builder()
            .max_capacity(HELD)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(max_age);
        Self(cache.build())
    }

    pub(crate) fn note(&self, token: TokenHash) {
        self.0.insert(token, ());
    }

    pub(crate) fn holds(&self, token: &TokenHash) -> bool {
        self.0.contains_key(token)
    }
}

impl fmt::Debug for OwnRefreshTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnRefreshTokens(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_known_and_bounded() {
        let held = OwnRefreshTokens::new(Duration::from_secs(60));
        let hash = |i: u64| {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&i.to_be_bytes());
            hash
        };
        held.note(hash(1));
        assert!(held.holds(&hash(1)) && !held.holds(&hash(2)));
        (0..HELD + 1000).for_each(|i| held.note(hash(i)));
        held.0.run_pending_tasks();
        assert!(held.0.entry_count() <= HELD);
        assert!(held.holds(&hash(HELD + 999)));
    }

    #[test]
    fn there_is_a_bound_to_it() {
        let judged = TokenCache::new(Duration::from_secs(60));
        for i in 0..2 * CAPACITY {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&i.to_be_bytes());
            judged.remember(hash, i);
        }
        judged.0.run_pending_tasks();
        assert!(judged.0.entry_count() <= CAPACITY);
    }
}
