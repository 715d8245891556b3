//! The newest state of each session that was written a moment ago.
//!
//! Answers overtake one another: one that began earlier may be sent later. What it writes is
//! built on the newest state, never on the one that its request came with.

use core::time::Duration;
use std::sync::Arc;

use super::names::ExpiringByKey;
use crate::session::SessionId;

/// How long a state is remembered; no handler should take longer.
pub(crate) const LATEST_FOR: Duration = Duration::from_secs(120);
/// How many are remembered at the most, and half of them at the least, where so many come.
const CAPACITY: usize = 100_000;

/// The newest states in one process, by session id.
pub(crate) struct LatestStates<T>(ExpiringByKey<Arc<T>>);

impl<T> LatestStates<T> {
    pub(crate) fn new() -> Self {
        Self(ExpiringByKey::new(LATEST_FOR, CAPACITY))
    }

    pub(crate) fn get(&self, id: SessionId) -> Option<Arc<T>> {
        self.0.get(&id.0)
    }

    /// Builds a state on the newest one and remembers it; `None` builds nothing. Two who do so
    /// for one session take turns.
    pub(crate) fn update(
        &self,
        id: SessionId,
        build: impl FnOnce(Option<Arc<T>>) -> Option<Arc<T>>,
    ) -> Option<Arc<T>> {
        self.0.update(id.0, build)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_is_built_on_the_one_before() {
        let newest: LatestStates<u8> = LatestStates::new();
        let add = |by: u8| {
            newest.update(SessionId([1; 16]), |before| {
                Some(Arc::new(before.map_or(0, |it| *it) + by))
            })
        };
        assert_eq!(add(1).as_deref(), Some(&1));
        assert_eq!(add(2).as_deref(), Some(&3));
        assert_eq!(newest.update(SessionId([1; 16]), |_| None), None);
        assert_eq!(add(1).as_deref(), Some(&4));
    }
}
