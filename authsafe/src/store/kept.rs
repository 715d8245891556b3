//! What one process remembers for a time: bounded, and forgotten in two steps.

use core::borrow::Borrow;
use core::hash::{BuildHasher, Hash};
use core::mem;
use core::time::Duration;
use std::collections::HashMap;
use std::hash::RandomState;
use std::time::Instant;

use super::sharded::{SHARDS, Sharded};
use crate::clock;

/// Remembers each value for `max_age` at least, and until others come in its place. No more than `capacity` of them:
/// where more come, those that came first are forgotten before their time, and about half of `capacity` are known still.
pub(crate) struct Kept<K, V, S = RandomState> {
    shards: Sharded<Shard<K, V, S>, S>,
    max_age: Duration,
    /// Of one half of a shard.
    capacity: usize,
}

struct Shard<K, V, S> {
    new: HashMap<K, V, S>,
    /// What was new before: forgotten when that becomes so.
    old: HashMap<K, V, S>,
    since: Instant,
}

impl<K: Eq + Hash, V: Clone, S: BuildHasher + Default> Kept<K, V, S> {
    pub(crate) fn new(max_age: Duration, capacity: usize) -> Self {
        let shard = || Shard {
            new: HashMap::default(),
            old: HashMap::default(),
            since: clock::moment(),
        };
        Self {
            shards: Sharded::new(shard),
            max_age,
            capacity: capacity / SHARDS / 2,
        }
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.shards.read(key).get(key)
    }

    pub(crate) fn put(&self, key: K, value: V) {
        self.update(key, |_| Some(value));
    }

    /// Puts what `next` makes of what there is in its place, and returns it. `None` leaves what there is. Two who do so
    /// for one key take turns.
    pub(crate) fn update(&self, key: K, next: impl FnOnce(Option<V>) -> Option<V>) -> Option<V> {
        // Many may go at once: nobody has to wait for that.
        let _forgotten;
        let mut shard = self.shards.write(&key);
        let value = next(shard.get(&key))?;
        if shard.since.elapsed() >= self.max_age || shard.new.len() >= self.capacity {
            let new = mem::take(&mut shard.new);
            _forgotten = mem::replace(&mut shard.old, new);
            shard.since = clock::moment();
        }
        shard.new.insert(key, value.clone());
        Some(value)
    }

    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let mut shard = self.shards.write(key);
        shard.new.remove(key);
        shard.old.remove(key);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.shards.count(|it| it.new.len() + it.old.len())
    }
}

impl<K: Eq + Hash, V: Clone, S: BuildHasher> Shard<K, V, S> {
    fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let value = self.new.get(key).or_else(|| self.old.get(key));
        value.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn what_is_kept_is_known_and_replaced() {
        let kept: Kept<u8, u8> = Kept::new(HOUR, 1000);
        assert_eq!(kept.get(&1), None);
        kept.put(1, 7);
        let count = |before: Option<u8>| before.map(|it| it + 1);
        assert_eq!(kept.update(1, count), Some(8));
        assert_eq!(kept.update(2, count), None);
        assert_eq!([1, 2].map(|key| kept.get(&key)), [Some(8), None]);
        kept.remove(&1);
        assert_eq!(kept.get(&1), None);
    }

    #[test]
    fn what_is_removed_is_not_found_in_the_older_half() {
        let kept: Kept<u32, u32> = Kept::new(HOUR, 2 * 32);
        kept.put(0, 1);
        let rest = (1..).filter(|key| core::ptr::eq(kept.shards.part(key), kept.shards.part(&0)));
        rest.take(2).for_each(|key| kept.put(key, 1));
        kept.put(0, 2);
        kept.remove(&0);
        assert_eq!(kept.get(&0), None);
    }

    #[test]
    fn there_is_a_bound_and_the_last_ones_are_known() {
        let kept: Kept<u32, u32> = Kept::new(HOUR, 3200);
        (0..100_000).for_each(|it| kept.put(it, it));
        assert!(kept.len() <= 3200, "{}", kept.len());
        for last in 99_000..100_000 {
            assert_eq!(kept.get(&last), Some(last));
        }
        assert_eq!(kept.get(&0), None);
    }

    #[test]
    fn nothing_is_forgotten_before_its_time_and_all_where_others_come_after_it() {
        let kept: Kept<u32, u8> = Kept::new(Duration::from_millis(200), 1000);
        kept.put(0, 1);
        // Of the same shard, each of which has it forget what is older.
        let mut others =
            (1..).filter(|key| core::ptr::eq(kept.shards.part(key), kept.shards.part(&0)));
        let mut put_other = || kept.put(others.next().unwrap(), 2);
        put_other();
        assert_eq!(kept.get(&0), Some(1));
        std::thread::sleep(Duration::from_millis(210));
        put_other();
        assert_eq!(kept.get(&0), Some(1));
        std::thread::sleep(Duration::from_millis(210));
        put_other();
        assert_eq!(kept.get(&0), None);
    }

    #[test]
    fn a_value_of_sixteen_bytes_takes_less_than_a_hundred() {
        // Keys and values lie side by side, with a byte beside each, in a table of which at least 7/16 is used.
        let each = size_of::<([u8; 16], [u64; 2])>() + 1;
        assert!(each * 16 / 7 < 100, "{each}");
    }
}
