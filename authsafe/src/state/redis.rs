//! Redis, or whatever speaks its protocol, as the shared state and as a session store.

use core::fmt;
use core::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, cmd};

use super::shared::SharedState;
use crate::store::{SessionStore, StateError, StateFuture};

/// How long a request waits for a connection.
const CONNECT: Duration = Duration::from_secs(1);
/// How long a request waits for an answer.
const ANSWER: Duration = Duration::from_millis(500);

/// Removes a key if it still has the value.
const REMOVE_IF: &str =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";
/// Adds one, and sets the end with the first.
const COUNT: &str = "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end return n";

/// A [`SharedState`] and a [`SessionStore`] in Redis. One connection serves all requests, and comes back by itself.
#[derive(Clone)]
pub struct Redis {
    connection: ConnectionManager,
    prefix: String,
}

impl Redis {
    /// A state at `url` (`redis://` or `rediss://`), whose keys begin with `prefix`. Connects when it
    /// is first used.
    ///
    /// # Errors
    ///
    /// When the URL is not one of Redis.
    pub fn new(url: &str, prefix: &str) -> Result<Self, StateError> {
        // The error is not passed on: it may hold the URL, and the URL a password.
        let malformed = |_| StateError::new("the URL is not one of Redis");
        let client = Client::open(url).map_err(malformed)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_number_of_retries(1);
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(client, config)
                .map_err(malformed)?,
            prefix: prefix.to_owned(),
        })
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// `SET key value NX|XX PX ttl`: decides and writes in one step. Was it written?
    fn set_if<'a>(
        &'a self,
        condition: &str,
        key: &str,
        value: &[u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        let mut set = cmd("SET");
        set.arg(self.key(key))
            .arg(value)
            .arg(condition)
            .arg("PX")
            .arg(milliseconds(ttl));
        Box::pin(async move { Ok(self.ask::<Option<String>>(set).await?.is_some()) })
    }

    async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Result<T, StateError> {
        let mut connection = self.connection.clone();
        command
            .query_async(&mut connection)
            .await
            .map_err(|error| StateError::new(error.category()))
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

fn milliseconds(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

impl SharedState for Redis {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        let mut get = cmd("MGET");
        for key in keys {
            get.arg(self.key(key));
        }
        Box::pin(self.ask(get))
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        let mut set = cmd("SET");
        set.arg(self.key(key))
            .arg(value)
            .arg("PX")
            .arg(milliseconds(ttl));
        Box::pin(self.ask(set))
    }

    fn put_new<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        self.set_if("NX", key, value, ttl)
    }

    fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
        let mut remove = cmd("EVAL");
        remove.arg(REMOVE_IF).arg(1).arg(self.key(key)).arg(value);
        Box::pin(async move { self.ask::<i64>(remove).await.map(drop) })
    }

    fn count<'a>(&'a self, key: &'a str, ttl: Duration) -> StateFuture<'a, u64> {
        let mut count = cmd("EVAL");
        count
            .arg(COUNT)
            .arg(1)
            .arg(self.key(key))
            .arg(milliseconds(ttl));
        Box::pin(self.ask(count))
    }
}

impl SessionStore for Redis {
    fn create<'a>(
        &'a self,
        key: &'a str,
        record: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        self.set_if("NX", key, record, ttl)
    }

    fn load<'a>(&'a self, key: &'a str) -> StateFuture<'a, Option<Vec<u8>>> {
        let mut get = cmd("GET");
        get.arg(self.key(key));
        Box::pin(self.ask(get))
    }

    fn save<'a>(&'a self, key: &'a str, record: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        self.set_if("XX", key, record, ttl)
    }

    fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()> {
        let mut delete = cmd("DEL");
        delete.arg(self.key(key));
        Box::pin(async move { self.ask::<i64>(delete).await.map(drop) })
    }
}
