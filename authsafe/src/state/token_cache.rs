//! What was found out about tokens, by their hash.

use super::expiring::Expiring;
use crate::store::Kept;

/// The SHA-256 of a token.
pub(crate) type TokenHash = [u8; 32];

/// How many are remembered at the most, and half of them at the least, where so many come.
pub(super) const CAPACITY: usize = 20_000;
/// How many of the app's own, at some 80 bytes: the last 100,000 at the least.
pub(super) const HELD: usize = 250_000;

/// What one process has found out, by the hash of a token. Nothing is good for longer than its age.
pub(crate) type TokenCache<T> = Expiring<TokenHash, T>;

/// Tokens that are no access tokens, whatever anybody says of them: the app's own refresh tokens, as
/// many as this process has had lately. None is held longer than its session.
pub(crate) type OwnRefreshTokens = Kept<TokenHash, ()>;

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    fn hash(of: usize) -> TokenHash {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&of.to_be_bytes());
        hash
    }

    #[test]
    fn what_is_held_is_known_and_bounded() {
        let held = OwnRefreshTokens::new(Duration::from_secs(60), HELD);
        held.put(hash(1), ());
        assert!(held.get(&hash(1)).is_some() && held.get(&hash(2)).is_none());
        (0..HELD + 1000).for_each(|it| held.put(hash(it), ()));
        assert!(held.len() <= HELD);
        let last = HELD - 99_000..HELD + 1000;
        assert!(last.map(hash).all(|it| held.get(&it).is_some()));
    }

    #[test]
    fn there_is_a_bound_to_it() {
        let judged = TokenCache::new(Duration::from_secs(60), CAPACITY);
        (0..2 * CAPACITY).for_each(|it| judged.put(hash(it), it));
        assert!(judged.len() <= CAPACITY);
    }

    #[test]
    fn what_is_remembered_is_forgotten() {
        let judged = TokenCache::new(Duration::from_secs(60), CAPACITY);
        judged.put(hash(1), "good");
        assert_eq!(judged.get(&hash(1)), Some("good"));
        judged.remove(&hash(1));
        assert_eq!(judged.get(&hash(1)), None);
    }
}
