//! Keys of 16 bytes: a session's id, or what stands for a name.

use core::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::hash::RandomState;

use super::expiring::Expiring;
use crate::store::Kept;

/// A session's id, or a hash: nobody chooses what its end is.
pub(crate) type Key = [u8; 16];

/// What is remembered by such keys.
pub(super) type KeptByKey<V> = Kept<Key, V, BuildHasherDefault<LastBytes>>;

/// What is remembered by such keys, and not for longer than its time.
pub(crate) type ExpiringByKey<V> = Expiring<Key, V, BuildHasherDefault<LastBytes>>;

/// What stands for names: hashes, of which nobody knows which two names have one.
#[derive(Default)]
pub(super) struct Names([RandomState; 2]);

impl Names {
    pub(super) fn key(&self, name: &str) -> Key {
        let [one, other] = &self.0;
        let hash = |by: &RandomState| u128::from(by.hash_one(name));
        (hash(one) << 64 | hash(other)).to_be_bytes()
    }
}

/// Takes the last eight bytes of a key for its hash.
#[derive(Default)]
pub(crate) struct LastBytes(u64);

impl Hasher for LastBytes {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(end) = bytes.last_chunk() {
            self.0 = u64::from_le_bytes(*end);
        }
    }

    /// The length of a key, which is the same for all.
    fn write_usize(&mut self, _: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    #[test]
    fn names_and_their_keys_are_spread_evenly() {
        let (names, kept) = (Names::default(), KeptByKey::new(Duration::MAX, 200_000));
        let key = |at: u32| names.key(&at.to_string());
        (0..80_000).for_each(|at| kept.put(key(at), at));
        assert!((0..80_000).all(|at| kept.get(&key(at)) == Some(at)));
    }
}
