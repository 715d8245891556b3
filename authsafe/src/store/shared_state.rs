//! The trait of what machines share.

use core::fmt;
use core::time::Duration;

use super::error::StateFuture;

/// A key-value store with expiry that several processes share.
///
/// Keys are short ASCII texts without secrets; values are encrypted before they come here, where
/// they must be. Each call should give up after a second: requests wait for it, two seconds at the
/// most, and after a call that took so long and failed one request at a time asks until there is an
/// answer.
#[doc(alias = "redis")]
#[doc(alias = "cluster")]
pub trait SharedState: fmt::Debug + Send + Sync + 'static {
    /// Returns the values of several keys, in their order.
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>>;

    /// Sets a value, for `ttl`.
    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()>;

    /// Sets a value where there is none, for `ttl`. Returns `true` if it was set, and `false` if there is one. One of
    /// several callers at once, and no more, gets `true`. Callers on different machines come with different values, so
    /// that one whose answer was lost may ask whether the value is its own.
    fn put_new<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration)
    -> StateFuture<'a, bool>;

    /// Gives a value a new `ttl` if it is still this one, and returns whether it was. In one step, where that can be:
    /// else a value of somebody else that has come between may be replaced.
    fn renew_if<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        Box::pin(async move {
            let found = self.get(&[key]).await?.into_iter().next().flatten();
            let is_this = found.as_deref() == Some(value);
            if is_this {
                self.put(key, value, ttl).await?;
            }
            Ok(is_this)
        })
    }

    /// Removes a value if it is still this one.
    fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()>;

    /// Adds one to a counter, which ends `ttl` after its first call. Returns the count, with this call in it.
    fn count<'a>(&'a self, key: &'a str, ttl: Duration) -> StateFuture<'a, u64>;
}
