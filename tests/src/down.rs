//! A shared state that does not answer.

use std::time::Duration;

use authsafe::{SharedState, StateError, StateFuture};

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
