//! Keys of 16 bytes: a session's id, or what stands for a name.

use core::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::hash::RandomState;

use crate::store::Kept;

/// A session's id, or a hash: nobody chooses what its end is.
pub(super) type Key = [u8; 16];

/// What is remembered by such keys.
pub(super) type KeptByKey<V> = Kept<Key, V, BuildHasherDefault<End>>;

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
pub(super) struct End(u64);

impl Hasher for End {
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
