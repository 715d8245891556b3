//! Sign-ins that a callback has been answered for: none is answered twice.

use core::time::Duration;

use super::names::{KeptByKey, Names};

/// How many are remembered at the most; half of them at the least, where so many come.
const CAPACITY: usize = 200_000;

/// The finished sign-ins of one process, by the label of their transaction.
pub(crate) struct UsedOnce {
    used: KeptByKey<()>,
    names: Names,
}

impl UsedOnce {
    /// `transaction`: no sign-in takes longer.
    pub(crate) fn new(transaction: Duration) -> Self {
        Self {
            used: KeptByKey::new(transaction, CAPACITY),
            names: Names::default(),
        }
    }

    /// Returns whether this is the first time. One of several callers at once is told `true`.
    pub(crate) fn is_first_use(&self, label: &str) -> bool {
        let use_it = |used: Option<()>| used.is_none().then_some(());
        self.used.update(self.names.key(label), use_it).is_some()
    }

    /// Returns whether it has been used.
    pub(crate) fn is_used(&self, label: &str) -> bool {
        self.used.get(&self.names.key(label)).is_some()
    }

    /// As if it had not been used: what it was used for has failed.
    pub(crate) fn forget(&self, label: &str) {
        self.used.remove(&self.names.key(label));
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
        assert!(!finished.is_used("b"));
        assert!(finished.is_first_use("b"));
        assert!(finished.is_used("a"));
        finished.forget("a");
        assert!(!finished.is_used("a"));
        assert!(finished.is_first_use("a"));
        assert!(!finished.is_first_use("a"));
        assert!(!finished.is_first_use("b"));
    }

    #[test]
    fn in_a_flood_the_last_ones_are_known() {
        let finished = UsedOnce::new(Duration::from_secs(600));
        let labels = || (0..110_000).map(|at| at.to_string());
        assert!(labels().all(|label| finished.is_first_use(&label)));
        let again = labels()
            .skip(20_000)
            .filter(|label| finished.is_first_use(label));
        assert_eq!(again.count(), 0);
    }
}
