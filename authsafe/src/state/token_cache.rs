//! What was found out about tokens, by their hash.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use crate::clock;
use crate::store::Kept;

/// The SHA-256 of a token.
pub(crate) type TokenHash = [u8; 32];

/// How many are remembered at the most, and half of them at the least, where so many come.
const CAPACITY: usize = 20_000;
/// How many of the app's own, at some 80 bytes.
const HELD: usize = 200_000;

/// What one process has found out, by the hash of a token.
pub(crate) struct TokenCache<T> {
    found: Kept<TokenHash, (T, Instant)>,
    max_age: Duration,
}

impl<T: Clone> TokenCache<T> {
    /// `max_age`: nothing that was found out is good for longer.
    pub(crate) fn new(max_age: Duration) -> Self {
        Self {
            found: Kept::new(max_age, CAPACITY),
            max_age,
        }
    }

    pub(crate) fn get(&self, token: &TokenHash) -> Option<T> {
        let (found, at) = self.found.get(token)?;
        (at.elapsed() < self.max_age).then_some(found)
    }

    pub(crate) fn remember(&self, token: TokenHash, found: T) {
        self.found.put(token, (found, clock::moment()));
    }

    pub(crate) fn forget(&self, token: &TokenHash) {
        self.found.remove(token);
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
        let last = HELD / 2 + 10_000..HELD + 1000;
        assert!(last.map(hash).all(|it| held.holds(&it)));
    }

    #[test]
    fn there_is_a_bound_to_it() {
        let judged = TokenCache::new(Duration::from_secs(60));
        (0..2 * CAPACITY).for_each(|it| judged.remember(hash(it), it));
        assert!(judged.found.len() <= CAPACITY);
    }

    #[test]
    fn nothing_is_good_for_longer_than_its_time() {
        let judged = TokenCache::new(Duration::from_millis(50));
        judged.remember(hash(1), "good");
        assert_eq!(judged.get(&hash(1)), Some("good"));
        std::thread::sleep(Duration::from_millis(60));
        assert_eq!(judged.get(&hash(1)), None);
        judged.remember(hash(1), "good");
        judged.forget(&hash(1));
        assert_eq!(judged.get(&hash(1)), None);
    }
}
