//! What requests share: refreshes in flight, sessions that have ended early.

mod flights;
mod revoked;

pub(crate) use flights::Flights;
pub(crate) use revoked::Revoked;
