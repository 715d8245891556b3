//! The part of a shared state, or of a session store, that is one app's.
//!
//! Several apps may use one Redis or one database, with the same users and the same session ids of
//! their provider: each key begins with a hash of the app's issuer and client id.

use core::time::Duration;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64_simd::URL_SAFE_NO_PAD;

use super::error::{StateError, StateFuture};
use super::session_store::SessionStore;
use super::shared_state::SharedState;

/// How much of the hash is in a key, in bytes: apps do not choose it.
const LENGTH: usize = 16;

/// Returns what each key of an app begins with.
pub(crate) fn prefix(issuer: &str, client_id: &str) -> String {
    // The length, so that no other pair is the same text.
    let app = format!("authsafe app {}:{issuer}{client_id}", issuer.len());
    let hash = digest(&SHA256, app.as_bytes());
    let hash = hash.as_ref().get(..LENGTH).unwrap_or_default();
    format!("{}:", URL_SAFE_NO_PAD.encode_to_string(hash))
}

/// A shared state or a store under the keys of one app, which begin with `prefix`.
#[derive(Debug)]
pub(crate) struct Prefixed<S: ?Sized> {
    inner: Arc<S>,
    prefix: String,
}

impl<S: ?Sized> Prefixed<S> {
    pub(crate) fn new(prefix: &str, inner: Arc<S>) -> Self {
        let prefix = prefix.to_owned();
        Self { inner, prefix }
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

impl Prefixed<dyn SharedState> {
    /// The values of keys of this app, and of keys as they were before they had its prefix.
    pub(crate) async fn get_with_before(
        &self,
        keys: &[&str],
        before: &[&str],
    ) -> Result<(Vec<Option<Vec<u8>>>, Vec<Option<Vec<u8>>>), StateError> {
        let own: Vec<String> = keys.iter().map(|key| self.key(key)).collect();
        let all: Vec<&str> = own.iter().map(String::as_str).collect();
        let all = [all.as_slice(), before].concat();
        let mut values = self.inner.get(&all).await?;
        let before = values.split_off(keys.len().min(values.len()));
        Ok((values, before))
    }
}

impl SharedState for Prefixed<dyn SharedState> {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
        Box::pin(async move {
            let keys: Vec<String> = keys.iter().map(|key| self.key(key)).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            self.inner.get(&keys).await
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
        Box::pin(async move { self.inner.put(&self.key(key), value, ttl).await })
    }

    fn put_new<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        Box::pin(async move { self.inner.put_new(&self.key(key), value, ttl).await })
    }

    fn renew_if<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        Box::pin(async move { self.inner.renew_if(&self.key(key), value, ttl).await })
    }

    fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
        Box::pin(async move { self.inner.remove_if(&self.key(key), value).await })
    }

    fn count<'a>(&'a self, key: &'a str, ttl: Duration) -> StateFuture<'a, u64> {
        Box::pin(async move { self.inner.count(&self.key(key), ttl).await })
    }
}

/// Sessions that authsafe has stored before keys had this prefix lie where they were until they end.
// Without the second looks from the release after the next on.
impl SessionStore for Prefixed<dyn SessionStore> {
    fn create<'a>(
        &'a self,
        key: &'a str,
        record: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        Box::pin(async move { self.inner.create(&self.key(key), record, ttl).await })
    }

    fn load<'a>(&'a self, key: &'a str) -> StateFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            match self.inner.load(&self.key(key)).await? {
                None if is_session(key) => self.inner.load(key).await,
                record => Ok(record),
            }
        })
    }

    fn save<'a>(&'a self, key: &'a str, record: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        Box::pin(async move {
            match self.inner.save(&self.key(key), record, ttl).await? {
                false if is_session(key) => self.inner.save(key, record, ttl).await,
                is_saved => Ok(is_saved),
            }
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()> {
        Box::pin(async move {
            let deleted = self.inner.delete(&self.key(key)).await;
            match is_session(key) {
                true => deleted.and(self.inner.delete(key).await),
                false => deleted,
            }
        })
    }

    fn creates_in_one_step(&self) -> bool {
        self.inner.creates_in_one_step()
    }
}

/// Returns whether it is the key of a session. Those are of random ids, so that none is another app's.
fn is_session(key: &str) -> bool {
    key.starts_with("session:")
}
