//! Futures that this crate compiles, once, and not each app and each test of one that waits for them.

use core::pin::Pin;

/// A future whose type is not told.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
