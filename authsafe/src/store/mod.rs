//! What an app that runs on several machines may plug in: where its sessions are kept, when not in
//! cookies, and what machines share beside them.
//!
//! The shared state tells which sessions have ended early, which refresh is under way, which sign-ins have been
//! finished, how often a client called. Without it each process knows its own alone.

mod as_shared_state;
mod error;
mod kept;
mod memory;
mod prefixed;
#[cfg(feature = "redis")]
mod redis;
mod session_store;
mod sharded;
mod shared_state;
mod timeout;
#[cfg(any(feature = "tower-sessions", feature = "tower-sessions-0-14"))]
mod tower_sessions;

pub(crate) use as_shared_state::AsSharedState;
pub use error::{StateError, StateFuture};
pub(crate) use kept::Kept;
pub use memory::Memory;
pub(crate) use prefixed::{Prefixed, prefix};
#[cfg(feature = "redis")]
pub use redis::Redis;
pub use session_store::{OpenedStore, SessionStore, StoreSource};
pub use shared_state::SharedState;
pub(crate) use timeout::Timeout;
#[cfg(any(feature = "tower-sessions", feature = "tower-sessions-0-14"))]
pub use tower_sessions::TowerSessions;
