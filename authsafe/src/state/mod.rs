//! What requests share: refreshes in flight, sessions that have ended early, rates.

mod flights;
mod rates;
mod revoked;

pub(crate) use flights::Flights;
pub(crate) use rates::Limit;
pub(crate) use revoked::Revoked;
