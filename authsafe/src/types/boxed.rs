//! Futures that this crate compiles, once, and not each app and each test of one that waits for them.

use core::pin::Pin;

use tokio::task::JoinHandle;

/// A future whose type is not told.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Does work in a task of its own, which goes on when nobody waits for it. What tokio has for a task it has
/// for each type of work, so that all work is of this one.
pub(crate) fn spawn(work: Boxed<'static, ()>) -> JoinHandle<()> {
    tokio::spawn(work)
}
