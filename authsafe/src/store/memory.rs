//! A shared state and a session store in the memory of one process.

use core::time::Duration;

use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::time::Instant;

use super::error::StateFuture;
use super::session_store::SessionStore;
use super::shared_state::SharedState;

/// A [`SharedState`] and a [`SessionStore`] of one process: for tests, and for several apps in one.
///
/// Holds 100,000 values at the most; the one that was least used gives way, a session too.
#[derive(Debug, Clone)]
pub struct Memory(Cache<String, Entry>);

#[derive(Debug, Clone)]
struct Entry {
    value: Vec<u8>,
    ttl: Duration,
}

struct Ttl;

impl Expiry<String, Entry> for Ttl {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(
        &self,
        _: &String,
        entry: &Entry,
        _: Instant,
        left: Option<Duration>,
    ) -> Option<Duration> {
        // A counter keeps its end; whatever else is set anew gets a new one.
        if entry.ttl.is_zero() {
            left
        } else {
            Some(entry.ttl)
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(100_000)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Ttl);
        Self(cache.build())
    }
}

impl SharedState for Memory {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        let get = |key: &&str| self.0.get(*key).map(|entry| entry.value);
        let values = keys.iter().map(get).collect();
        Box::pin(async { Ok(values) })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        let value = value.to_vec();
        self.0.insert(key.to_owned(), Entry { value, ttl });
        Box::pin(async { Ok(()) })
    }

    fn put_new<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        let entry = Entry {
            value: value.to_vec(),
            ttl,
        };
        let entry = self.0.entry_by_ref(key).or_insert(entry);
        Box::pin(async move { Ok(entry.is_fresh()) })
    }

    fn renew_if<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        use moka::ops::compute::{CompResult, Op};
        let renewed = self
            .0
            .entry_by_ref(key)
            .and_compute_with(|entry| match entry {
                Some(entry) if entry.value().value == value => Op::Put(Entry {
                    value: value.to_vec(),
                    ttl,
                }),
                _ => Op::Nop,
            });
        let renewed = matches!(renewed, CompResult::ReplacedWith(_));
        Box::pin(async move { Ok(renewed) })
    }

    fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
        use moka::ops::compute::Op;
        self.0
            .entry_by_ref(key)
            .and_compute_with(|entry| match entry {
                Some(entry) if entry.value().value == value => Op::Remove,
                _ => Op::Nop,
            });
        Box::pin(async { Ok(()) })
    }

    fn count<'a>(&'a self, key: &'a str, ttl: Duration) -> StateFuture<'a, u64> {
        let counted = self.0.entry_by_ref(key).and_upsert_with(|entry| {
            let before = entry.map(|entry| entry.into_value().value);
            let ttl = if before.is_some() {
                Duration::ZERO
            } else {
                ttl
            };
            let count = before.as_deref().map_or(0, number) + 1;
            Entry {
                value: count.to_be_bytes().to_vec(),
                ttl,
            }
        });
        let count = number(&counted.into_value().value);
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
        let record = self.0.get(key).map(|entry| entry.value);
        Box::pin(async { Ok(record) })
    }

    fn save<'a>(&'a self, key: &'a str, record: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        use moka::ops::compute::{CompResult, Op};
        let saved = self
            .0
            .entry_by_ref(key)
            .and_compute_with(|entry| match entry {
                Some(_) => Op::Put(Entry {
                    value: record.to_vec(),
                    ttl,
                }),
                None => Op::Nop,
            });
        let saved = matches!(saved, CompResult::ReplacedWith(_));
        Box::pin(async move { Ok(saved) })
    }

    fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()> {
        self.0.invalidate(key);
        Box::pin(async { Ok(()) })
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_be_bytes)
}
