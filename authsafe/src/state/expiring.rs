//! What one process remembers for a time, and no longer.

use core::hash::{BuildHasher, Hash};
use core::time::Duration;
use std::hash::RandomState;
use std::time::Instant;

use crate::clock;
use crate::store::Kept;

/// Remembers each value for `max_age`, by a clock that nobody sets.
pub(crate) struct Expiring<K, V, S = RandomState> {
    kept: Kept<K, (V, Instant), S>,
    max_age: Duration,
}

impl<K: Eq + Hash, V: Clone, S: BuildHasher + Default> Expiring<K, V, S> {
    /// `capacity`: of as many half are known at the least, where so many come.
    pub(crate) fn new(max_age: Duration, capacity: usize) -> Self {
        Self {
            kept: Kept::new(max_age, capacity),
            max_age,
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.if_in_time(self.kept.get(key)?)
    }

    pub(crate) fn put(&self, key: K, value: V) {
        self.kept.put(key, (value, clock::moment()));
    }

    /// Puts what `next` makes of what there is in its place, and returns it. `None` leaves what there is. Two who do so
    /// for one key take turns.
    pub(crate) fn update(&self, key: K, next: impl FnOnce(Option<V>) -> Option<V>) -> Option<V> {
        let next = |before: Option<_>| {
            let before = before.and_then(|before| self.if_in_time(before));
            Some((next(before)?, clock::moment()))
        };
        self.kept.update(key, next).map(|(value, _)| value)
    }

    pub(crate) fn remove(&self, key: &K) {
        self.kept.remove(key);
    }

    fn if_in_time(&self, (value, at): (V, Instant)) -> Option<V> {
        (at.elapsed() < self.max_age).then_some(value)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_known_for_longer_than_its_time() {
        let known: Expiring<u8, u8> = Expiring::new(Duration::from_millis(300), 1000);
        known.put(1, 10);
        assert_eq!(known.get(&1), Some(10));
        assert_eq!(known.update(1, |before| before.map(|it| it + 1)), Some(11));
        std::thread::sleep(Duration::from_millis(310));
        assert_eq!(known.get(&1), None);
        assert_eq!(known.update(1, |before| before), None);
        known.put(1, 10);
        known.remove(&1);
        assert_eq!(known.get(&1), None);
    }
}
