//! What one process remembers for a time, by a key of 16 bytes: small, bounded, and forgotten in two steps.

use core::hash::{BuildHasher, BuildHasherDefault, Hasher};
use core::iter::repeat_with;
use core::mem;
use core::time::Duration;
use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::{PoisonError, RwLock};
use std::time::Instant;

use crate::clock;

/// A session's id, or a hash: nobody chooses what its end is.
pub(super) type Key = [u8; 16];

/// How many parts there are, each with a lock of its own.
const SHARDS: usize = 16;

/// Remembers each value for `max_age` and at most twice as long, and no more than `capacity` of them: where more
/// come, those that came first are forgotten before their time.
pub(super) struct Kept<V> {
    shards: Box<[RwLock<Shard<V>>]>,
    max_age: Duration,
    /// Of one half of a shard.
    capacity: usize,
}

struct Shard<V> {
    new: Map<V>,
    /// What was new before: forgotten when that becomes so.
    old: Map<V>,
    since: Instant,
}

type Map<V> = HashMap<Key, V, BuildHasherDefault<End>>;

impl<V: Copy> Kept<V> {
    pub(super) fn new(max_age: Duration, capacity: usize) -> Self {
        let shard = || {
            RwLock::new(Shard {
                new: Map::default(),
                old: Map::default(),
                since: clock::moment(),
            })
        };
        Self {
            shards: repeat_with(shard).take(SHARDS).collect(),
            max_age,
            capacity: capacity / SHARDS / 2,
        }
    }

    pub(super) fn get(&self, key: &Key) -> Option<V> {
        let shard = self
            .shard(key)
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        shard.get(key)
    }

    /// Puts what `next` makes of what there is, in its place. Returns what there was.
    pub(super) fn update(&self, key: Key, next: impl FnOnce(Option<V>) -> V) -> Option<V> {
        let mut shard = self
            .shard(&key)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if shard.since.elapsed() >= self.max_age || shard.new.len() >= self.capacity {
            shard.old = mem::take(&mut shard.new);
            shard.since = clock::moment();
        }
        let before = shard.get(&key);
        shard.new.insert(key, next(before));
        before
    }

    fn shard(&self, key: &Key) -> &RwLock<Shard<V>> {
        let [.., end] = key;
        &self.shards[usize::from(*end) % SHARDS]
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let len = |shard: &RwLock<Shard<V>>| {
            let shard = shard.read().unwrap();
            shard.new.len() + shard.old.len()
        };
        self.shards.iter().map(len).sum()
    }
}

impl<V: Copy> Shard<V> {
    fn get(&self, key: &Key) -> Option<V> {
        self.new.get(key).or_else(|| self.old.get(key)).copied()
    }
}

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

/// Takes the eight bytes before the last one for the hash.
#[derive(Default)]
struct End(u64);

impl Hasher for End {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(end) = bytes.split_last().and_then(|(_, rest)| rest.last_chunk()) {
            self.0 = u64::from_le_bytes(*end);
        }
    }

    /// The length of a key, which is the same for all.
    fn write_usize(&mut self, _: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn key(number: u64) -> Key {
        let number = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834);
        (number ^ (number >> 64)).to_be_bytes()
    }

    #[test]
    fn what_is_kept_is_known_and_replaced() {
        let kept = Kept::new(HOUR, 1000);
        assert_eq!(kept.get(&key(1)), None);
        kept.update(key(1), |before| before.unwrap_or(7));
        kept.update(key(1), |before| before.unwrap_or(0) + 1);
        assert_eq!(kept.get(&key(1)), Some(8));
        assert_eq!(kept.get(&key(2)), None);
    }

    #[test]
    fn there_is_a_bound_and_the_last_ones_are_known() {
        let kept = Kept::new(HOUR, 3200);
        for it in 0..100_000 {
            kept.update(key(it), |_| it);
        }
        assert!(kept.len() <= 3200, "{}", kept.len());
        for last in 99_000..100_000 {
            assert_eq!(kept.get(&key(last)), Some(last));
        }
        assert_eq!(kept.get(&key(0)), None);
    }

    #[test]
    fn nothing_is_forgotten_before_its_time_and_all_after_twice_that() {
        let kept = Kept::new(Duration::from_millis(200), 1000);
        let one = key(1);
        kept.update(one, |_| 1);
        // Of the same shard, each of which has it forget what is older.
        let mut same = one;
        let mut other = |at: u8| {
            same[0] = at;
            kept.update(same, |_| 2);
        };
        other(101);
        assert_eq!(kept.get(&one), Some(1));
        std::thread::sleep(Duration::from_millis(210));
        other(102);
        assert_eq!(kept.get(&one), Some(1));
        std::thread::sleep(Duration::from_millis(210));
        other(103);
        assert_eq!(kept.get(&one), None);
    }

    #[test]
    fn a_value_of_sixteen_bytes_takes_less_than_a_hundred() {
        // Keys and values lie side by side, with a byte beside each, in a table of which at least 7/16 is used.
        let each = size_of::<(Key, [u64; 2])>() + 1;
        assert!(each * 16 / 7 < 100, "{each}");
    }
}
