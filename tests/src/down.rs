//! Shared states that do not answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use authsafe::store::{Memory, SharedState, StateError, StateFuture};

/// A shared state that is down.
#[derive(Debug)]
pub struct Down;

fn down<'a, T: 'a>() -> StateFuture<'a, T> {
    Box::pin(async { Err(StateError::new("it is down")) })
}

impl SharedState for Down {
    fn get<'a>(&'a self, _: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        down()
    }
    fn put<'a>(&'a self, _: &'a str, _: &'a [u8], _: Duration) -> StateFuture<'a, ()> {
        down()
    }
    fn put_new<'a>(&'a self, _: &'a str, _: &'a [u8], _: Duration) -> StateFuture<'a, bool> {
        down()
    }
    fn remove_if<'a>(&'a self, _: &'a str, _: &'a [u8]) -> StateFuture<'a, ()> {
        down()
    }
    fn count<'a>(&'a self, _: &'a str, _: Duration) -> StateFuture<'a, u64> {
        down()
    }
}

/// A shared state that never answers, until it does.
#[derive(Debug, Clone, Default)]
pub struct Silent {
    memory: Memory,
    speaks: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

impl Silent {
    pub fn speaks(&self, speaks: bool) {
        self.speaks.store(speaks, Ordering::SeqCst);
    }

    /// How often it has been asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn answer<'a, T: 'a>(&'a self, answer: StateFuture<'a, T>) -> StateFuture<'a, T> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.speaks.load(Ordering::SeqCst) {
            true => answer,
            false => Box::pin(std::future::pending()),
        }
    }
}

impl SharedState for Silent {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        self.answer(self.memory.get(keys))
    }
    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        self.answer(self.memory.put(key, value, ttl))
    }
    fn put_new<'a>(&'a self, key: &'a str, it: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        self.answer(self.memory.put_new(key, it, ttl))
    }
    fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
        self.answer(self.memory.remove_if(key, value))
    }
    fn count<'a>(&'a self, key: &'a str, ttl: Duration) -> StateFuture<'a, u64> {
        self.answer(self.memory.count(key, ttl))
    }
}

/// A shared state that fails to take some values, until it takes them.
#[derive(Debug, Clone)]
pub struct Refusing {
    pub memory: Memory,
    /// What the keys of those contain.
    part: &'static str,
    refuses: Arc<AtomicBool>,
}

impl Refusing {
    pub fn new(part: &'static str) -> Self {
        Self {
            memory: Memory::default(),
            part,
            refuses: Arc::new(AtomicBool::new(true)),
        }
    }

    pub fn refuses(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }
}

impl SharedState for Refusing {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        self.memory.get(keys)
    }
    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        match self.refuses.load(Ordering::SeqCst) && key.contains(self.part) {
            true => down(),
            false => self.memory.put(key, value, ttl),
        }
    }
    fn put_new<'a>(&'a self, key: &'a str, it: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        self.memory.put_new(key, it, ttl)
    }
    fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
        self.memory.remove_if(key, value)
    }
    fn count<'a>(&'a self, key: &'a str, ttl: Duration) -> StateFuture<'a, u64> {
        self.memory.count(key, ttl)
    }
}
