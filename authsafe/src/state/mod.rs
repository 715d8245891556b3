//! What requests share: refreshes in flight, sessions that have ended early, rates.

mod finished;
mod flights;
mod floors;
mod judged;
mod newest;
mod rates;
#[cfg(feature = "redis")]
mod redis;
mod revoked;
mod shared;
#[cfg(any(feature = "tower-sessions", feature = "tower-sessions-0-14"))]
mod tower_sessions;
mod turns;

pub(crate) use finished::Finished;
pub(crate) use flights::{FlightKey, Flights, GRACE};
pub(crate) use floors::{Floor, Floors, Standing, StateNumber};
pub(crate) use judged::{Held, Judged, TokenHash};
pub(crate) use newest::Newest;
pub(crate) use rates::{Limit, bucket};
#[cfg(feature = "redis")]
pub use redis::Redis;
pub(crate) use revoked::{EndedBy, Revoked};
pub use shared::{Memory, SharedState};
#[cfg(any(feature = "tower-sessions", feature = "tower-sessions-0-14"))]
pub use tower_sessions::TowerSessions;
pub(crate) use turns::Turns;
