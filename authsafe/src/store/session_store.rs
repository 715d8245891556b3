//! The trait of a session store, and how an app opens one.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;
use std::sync::Arc;

use super::error::StateFuture;

/// A place where sessions are kept: `session(store = ...)` of the attribute. Records by key, each until it
/// runs out.
///
/// Keys are short ASCII texts without secrets. Records are encrypted before they come here, under a
/// key that only the user's cookie holds. Each call should give up after a second: requests wait
/// for it, two seconds at the most, and after a call that took so long and failed one request at a
/// time asks until there is an answer.
///
/// `create` is not `save`: a session that has been deleted must never come back, and a `save` that
/// comes late may not make it again. Where several processes use one store, both decide and write
/// in one step, so that of two that create one record at once only one is told `true`.
#[doc(alias = "session store")]
#[doc(alias = "redis")]
#[doc(alias = "postgres")]
pub trait SessionStore: fmt::Debug + Send + Sync + 'static {
    /// Writes a record where there is none, for `ttl`. Returns `true` if it was written, and `false` if there is one: that
    /// stays as it is.
    fn create<'a>(&'a self, key: &'a str, record: &'a [u8], ttl: Duration)
    -> StateFuture<'a, bool>;

    /// Returns the record, if there is one that has not run out.
    fn load<'a>(&'a self, key: &'a str) -> StateFuture<'a, Option<Vec<u8>>>;

    /// Writes a record in place of the one that is there, for `ttl` from now. Returns `true` if it was written, and
    /// `false` if there is none: then none is written.
    fn save<'a>(&'a self, key: &'a str, record: &'a [u8], ttl: Duration) -> StateFuture<'a, bool>;

    /// Removes a record, if there is one.
    fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()>;

    /// Returns whether `create` decides and writes in one step. Where it cannot, locks among processes take a
    /// tenth of a second longer: each looks again whether it has them.
    fn creates_in_one_step(&self) -> bool {
        true
    }
}

/// The store that a [`StoreSource`] opens, in a while. `Err` is the reason why it cannot, without passwords.
pub type OpenedStore<'a> =
    Pin<Box<dyn Future<Output = Result<Arc<dyn SessionStore>, String>> + Send + 'a>>;

/// What `session(store = ...)` may name: an async function without arguments that opens a
/// [`SessionStore`]. It is called once, at the start, which fails when it does.
#[diagnostic::on_unimplemented(
    message = "this path cannot be a session store",
    label = "expected an `async fn() -> Result<impl authsafe::store::SessionStore, impl Display>`"
)]
pub trait StoreSource: Sync {
    /// Opens the store.
    fn open(&self) -> OpenedStore<'_>;
}

#[diagnostic::do_not_recommend]
impl<F, O, S, E> StoreSource for F
where
    F: Fn() -> O + Sync,
    O: Future<Output = Result<S, E>> + Send + 'static,
    S: SessionStore,
    E: fmt::Display,
{
    fn open(&self) -> OpenedStore<'_> {
        let opening = self();
        Box::pin(async move {
            match opening.await {
                Ok(store) => Ok(Arc::new(store) as Arc<dyn SessionStore>),
                Err(error) => Err(error.to_string()),
            }
        })
    }
}
