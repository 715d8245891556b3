//! What one process keeps in parts, each with a lock of its own.

use core::hash::{BuildHasher, Hash};
use core::iter::repeat_with;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// How many parts there are.
pub(super) const SHARDS: usize = 16;

/// Parts, of which each key has one.
pub(super) struct Sharded<T, S> {
    parts: Box<[RwLock<T>]>,
    hasher: S,
}

impl<T, S: BuildHasher + Default> Sharded<T, S> {
    pub(super) fn new(part: impl Fn() -> T) -> Self {
        let part = || RwLock::new(part());
        Self {
            parts: repeat_with(part).take(SHARDS).collect(),
            hasher: S::default(),
        }
    }

    pub(super) fn read<Q: Hash + ?Sized>(&self, key: &Q) -> RwLockReadGuard<'_, T> {
        let part = self.part(key).read();
        part.unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write<Q: Hash + ?Sized>(&self, key: &Q) -> RwLockWriteGuard<'_, T> {
        let part = self.part(key).write();
        part.unwrap_or_else(PoisonError::into_inner)
    }

    /// The middle of a hash chooses the part: a map within goes by both of its ends.
    pub(super) fn part<Q: Hash + ?Sized>(&self, key: &Q) -> &RwLock<T> {
        let [.., middle, _, _, _, _] = self.hasher.hash_one(key).to_be_bytes();
        &self.parts[usize::from(middle) % SHARDS]
    }

    /// Returns how many there are, of which each part has as many as `len` says.
    #[cfg(test)]
    pub(super) fn count(&self, len: impl Fn(&T) -> usize) -> usize {
        self.parts
            .iter()
            .map(|part| len(&part.read().unwrap()))
            .sum()
    }
}
