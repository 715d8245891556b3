//! When an endpoint of the provider has refused the app's own credentials. It would again: what only
//! this app can mend is not asked by each request.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use crate::clock::{Clock, UnixSeconds};

/// How long an endpoint that has refused them is not asked again.
pub(super) const PAUSE: Duration = Duration::from_secs(30);

/// Of one endpoint. Another one may take what this one refuses: each has its own ways of asking who
/// calls it.
#[derive(Debug)]
pub(super) struct Refusals {
    clock: Clock,
    /// When it last refused them; zero where it has taken them since.
    at: AtomicU64,
}

impl Refusals {
    pub(super) fn new(clock: Clock) -> Self {
        let at = AtomicU64::new(0);
        Self { clock, at }
    }

    /// Returns whether its last word on them was a refusal.
    pub(super) fn is_last_word(&self) -> bool {
        self.at.load(Ordering::Relaxed) != 0
    }

    /// Returns whether it was one a moment ago.
    pub(super) fn is_fresh(&self) -> bool {
        self.was_lately(self.at.load(Ordering::Relaxed))
    }

    /// Notes a refusal; tells whether it is the first one for a while.
    pub(super) fn note(&self) -> bool {
        !self.was_lately(self.at.swap(self.clock.now(), Ordering::Relaxed))
    }

    pub(super) fn note_acceptance(&self) {
        self.at.store(0, Ordering::Relaxed);
    }

    /// A refusal of the future is one before somebody has set the clock back.
    fn was_lately(&self, at: UnixSeconds) -> bool {
        let now = self.clock.now();
        at <= now && now - at < PAUSE.as_secs()
    }
}
