//! Sign-ins that a callback has been answered for: none is answered twice.

use core::fmt;
use core::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// How many are remembered at the most.
const CAPACITY: u64 = 100_000;

/// The finished sign-ins of one process, by the label of their transaction.
pub(crate) struct UsedOnce(Cache<String, ()>);

impl UsedOnce {
    /// `transaction`: no sign-in takes longer.
    pub(crate) fn new(transaction: Duration) -> Self {
        let cache = Cache::builder()
            .max_capacity(CAPACITY)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(transaction);
        Self(cache.build())
    }

    /// Returns whether this is the first time. One of several callers at once is told `true`.
    pub(crate) fn is_first_use(&self, label: &str) -> bool {
        self.0.entry_by_ref(label).or_insert(()).is_fresh()
    }

    /// As if it had not been used: what it was used for has failed.
    pub(crate) fn forget(&self, label: &str) {
        self.0.invalidate(label);
    }
}

impl fmt::Debug for UsedOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UsedOnce(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_finished_once() {
        let finished = UsedOnce::new(Duration::from_secs(600));
        assert!(finished.is_first_use("a"));
        assert!(!finished.is_first_use("a"));
        assert!(finished.is_first_use("b"));
    }
}
