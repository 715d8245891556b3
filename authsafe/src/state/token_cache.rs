//! What was found out about tokens, by their hash.

use core::fmt;
use core::time::Duration;

use super::expiring::Expiring;
use crate::store::Kept;

/// The SHA-256 of a token.
pub(crate) type TokenHash = [u8; 32];

/// How many are remembered at the most, and half of them at the least, where so many come.
const CAPACITY: usize = 20_000;
/// How many of the app's own, at some 80 bytes: the last 100,000 at the least.
const HELD: usize = 250_000;

/// What one process has found out, by the hash of a token.
pub(crate) struct TokenCache<T>(Expiring<TokenHash, T>);

impl<T: Clone> TokenCache<T> {
    /// `max_age`: nothing that was found out is good for longer.
    pub(crate) fn new(max_age: Duration) -> Self {
        Self(Expiring::new(max_age, CAPACITY))
    }

    pub(crate) fn get(&self, token: &TokenHash) -> Option<T> {
        self.0.get(token)
    }

    pub(crate) fn remember(&self, token: TokenHash, found: T) {
        self.0.put(token, found);
    }

    pub(crate) fn forget(&self, token: &TokenHash) {
        self.0.remove(token);
    }
}

impl<T> fmt::Debug for TokenCache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCache(..)")
    }
}

/// Tokens that are no access tokens, whatever anybody says of them: the app's own refresh tokens, as
/// many as this process has had lately.
pub(crate) struct OwnRefreshTokens(Kept<TokenHash, ()>);

impl OwnRefreshTokens {
    /// `max_age`: no session lasts longer, and no refresh token is held longer than its session.
    pub(crate) fn new(max_age: Duration) -> Self {
        Self(Kept::new(max_age, HELD))
    }

    pub(crate) fn note(&self, token: TokenHash) {
        self.0.put(token, ());
    }

    pub(crate) fn holds(&self, token: &TokenHash) -> bool {
        self.0.get(token).is_some()
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

    fn hash(of: usize) -> TokenHash {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&of.to_be_bytes());
        hash
    }

    #[test]
    fn what_is_held_is_known_and_bounded() {
        let held = OwnRefreshTokens::new(Duration::from_secs(60));
        held.note(hash(1));
        assert!(held.holds(&hash(1)) && !held.holds(&hash(2)));
        (0..HELD + 1000).for_each(|it| held.note(hash(it)));
        assert!(held.0.len() <= HELD);
        let last = HELD - 99_000..HELD + 1000;
        assert!(last.map(hash).all(|it| held.holds(&it)));
    }

    #[test]
    fn there_is_a_bound_to_it() {
        let judged = TokenCache::new(Duration::from_secs(60));
        (0..2 * CAPACITY).for_each(|it| judged.remember(hash(it), it));
        assert!(judged.0.len() <= CAPACITY);
    }

    #[test]
    fn what_is_remembered_is_forgotten() {
        let judged = TokenCache::new(Duration::from_secs(60));
        judged.remember(hash(1), "good");
        assert_eq!(judged.get(&hash(1)), Some("good"));
        judged.forget(&hash(1));
        assert_eq!(judged.get(&hash(1)), None);
    }
}
