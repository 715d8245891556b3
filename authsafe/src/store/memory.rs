//! A shared state and a session store in the memory of one process.

use core::fmt;
use core::time::Duration;
use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::Arc;
use std::time::Instant;

use super::error::StateFuture;
use super::session_store::SessionStore;
use super::sharded::{SHARDS, Sharded};
use super::shared_state::SharedState;
use crate::clock::moment;

/// How many values a shard holds at the most.
const FULL: usize = 100_000 / SHARDS;
/// How many of them give way at once where it is nearly full.
const GIVE_WAY: usize = FULL / 16;
/// No value is kept for longer.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// A [`SharedState`] and a [`SessionStore`] of one process: for tests, and for several apps in one.
///
/// Holds 100,000 values at the most; those that were used longest ago give way, sessions too.
#[derive(Clone)]
pub struct Memory(Arc<Sharded<Shard, RandomState>>);

#[derive(Default)]
struct Shard {
    entries: HashMap<String, Entry>,
    /// With how many of them it is looked through for those that have ended.
    look_at: usize,
}

struct Entry {
    value: Vec<u8>,
    end: Instant,
    used: Instant,
}

impl Default for Memory {
    fn default() -> Self {
        Self(Arc::new(Sharded::new(Shard::default)))
    }
}

impl Shard {
    fn get(&mut self, key: &str) -> Option<&Entry> {
        let now = moment();
        let entry = self.entries.get_mut(key).filter(|it| now < it.end)?;
        entry.used = now;
        Some(entry)
    }

    fn value(&mut self, key: &str) -> Option<Vec<u8>> {
        self.get(key).map(|entry| entry.value.clone())
    }

    fn put(&mut self, key: &str, value: &[u8], end: Instant) {
        if self.entries.len() >= self.look_at {
            self.make_room();
        }
        let entry = Entry {
            value: value.to_vec(),
            end,
            used: moment(),
        };
        self.entries.insert(key.to_owned(), entry);
    }

    /// Puts a value where `condition` is met by what there is, and returns whether it did.
    fn put_if(
        &mut self,
        key: &str,
        value: &[u8],
        ttl: Duration,
        condition: impl FnOnce(Option<&Entry>) -> bool,
    ) -> bool {
        let is_met = condition(self.get(key));
        if is_met {
            self.put(key, value, end(ttl));
        }
        is_met
    }

    /// Forgets what has ended, and where too much is left, what was used longest ago.
    fn make_room(&mut self) {
        let now = moment();
        self.entries.retain(|_, entry| now < entry.end);
        if self.entries.len() > FULL - GIVE_WAY {
            let mut uses: Vec<_> = self.entries.values().map(|entry| entry.used).collect();
            let (_, least, _) = uses.select_nth_unstable(GIVE_WAY);
            self.entries.retain(|_, entry| *least < entry.used);
        }
        self.look_at = (2 * self.entries.len()).clamp(64, FULL);
    }
}

/// When a value ends that is put now.
fn end(ttl: Duration) -> Instant {
    moment() + ttl.min(CENTURY)
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_be_bytes)
}

impl SharedState for Memory {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        let values = keys
            .iter()
            .map(|key| self.0.write(key).value(key))
            .collect();
        Box::pin(async { Ok(values) })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        self.0.write(key).put(key, value, end(ttl));
        Box::pin(async { Ok(()) })
    }

    fn put_new<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        let is_new = self
            .0
            .write(key)
            .put_if(key, value, ttl, |before| before.is_none());
        Box::pin(async move { Ok(is_new) })
    }

    fn renew_if<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        let is_same = |before: Option<&Entry>| before.is_some_and(|it| it.value == value);
        let renewed = self.0.write(key).put_if(key, value, ttl, is_same);
        Box::pin(async move { Ok(renewed) })
    }

    fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
        let mut shard = self.0.write(key);
        if shard.get(key).is_some_and(|it| it.value == value) {
            shard.entries.remove(key);
        }
        Box::pin(async { Ok(()) })
    }

    fn count<'a>(&'a self, key: &'a str, ttl: Duration) -> StateFuture<'a, u64> {
        let mut shard = self.0.write(key);
        // A counter keeps its end.
        let (before, end) = match shard.get(key) {
            Some(entry) => (number(&entry.value), entry.end),
            None => (0, end(ttl)),
        };
        let count = before + 1;
        shard.put(key, &count.to_be_bytes(), end);
        Box::pin(async move { Ok(count) })
    }
}

impl SessionStore for Memory {
    fn create<'a>(
        &'a self,
        key: &'a str,
        record: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        self.put_new(key, record, ttl)
    }

    fn load<'a>(&'a self, key: &'a str) -> StateFuture<'a, Option<Vec<u8>>> {
        let record = self.0.write(key).value(key);
        Box::pin(async { Ok(record) })
    }

    fn save<'a>(&'a self, key: &'a str, record: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        let saved = self
            .0
            .write(key)
            .put_if(key, record, ttl, |before| before.is_some());
        Box::pin(async move { Ok(saved) })
    }

    fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()> {
        self.0.write(key).entries.remove(key);
        Box::pin(async { Ok(()) })
    }
}

/// Without the values: they are sessions.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn len(memory: &Memory) -> usize {
        memory.0.count(|shard| shard.entries.len())
    }

    #[tokio::test]
    async fn there_is_a_bound_and_what_was_used_longest_ago_gives_way() {
        let memory = Memory::default();
        for at in 0..1000 {
            memory
                .put(&format!("session:{at}"), b"", HOUR)
                .await
                .unwrap();
        }
        for at in 0..150_000 {
            memory
                .put(&format!("mark:{at}"), b"", 2 * HOUR)
                .await
                .unwrap();
            // Of the sessions, one half is used.
            let session = format!("session:{}", at % 500);
            assert!(memory.load(&session).await.unwrap().is_some(), "{at}");
        }
        assert!(len(&memory) <= 100_000, "{}", len(&memory));
        assert!(len(&memory) >= 90_000, "{}", len(&memory));
        let unused = memory.load("session:501").await.unwrap();
        assert_eq!(unused, None);
    }

    #[tokio::test]
    async fn what_has_ended_takes_no_room() {
        let memory = Memory::default();
        for at in 0..20_000 {
            let key = at.to_string();
            memory.put(&key, b"", Duration::ZERO).await.unwrap();
            assert_eq!(memory.load(&key).await.unwrap(), None);
        }
        assert!(len(&memory) <= 64 * SHARDS, "{}", len(&memory));
    }

    #[tokio::test]
    async fn no_time_is_too_long() {
        let memory = Memory::default();
        memory.put("a", b"1", Duration::MAX).await.unwrap();
        assert_eq!(memory.load("a").await.unwrap().as_deref(), Some(&b"1"[..]));
    }

    #[tokio::test]
    async fn its_debug_output_shows_no_session() {
        let memory = Memory::default();
        memory.put("name", b"secret", HOUR).await.unwrap();
        assert_eq!(format!("{memory:?}"), "Memory(..)");
    }
}
