//! What requests share: refreshes in flight, revoked sessions, rates; in one process and in a cluster.

mod bearer_tokens;
mod cluster;
mod expiring;
mod introspections;
mod latest;
mod minimum_states;
mod names;
mod rate_limit;
mod revocations;
mod seen_tokens;
mod single_flight;
mod token_cache;
mod used_once;
mod write_queue;

pub(crate) use bearer_tokens::{BearerTokens, INTROSPECTED, Introspected};
pub(crate) use cluster::{Cluster, ELSEWHERE_LOOKS, ELSEWHERE_PAUSE, hash};
pub(crate) use introspections::{Asker, Stranger};
pub(crate) use latest::{LATEST_FOR, LatestStates};
pub(crate) use minimum_states::{MinimumStates, Standing, StateNumber};
pub(crate) use rate_limit::{RateLimit, bucket};
pub(crate) use revocations::{AllOf, RevocableBy, Revocations};
pub(crate) use single_flight::{RenewalKey, Shared, SingleFlight};
pub(crate) use token_cache::TokenHash;
pub(crate) use used_once::UsedOnce;
pub(crate) use write_queue::WriteQueue;
