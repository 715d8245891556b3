//! Refusals of the app's own credentials by an endpoint of the provider. It would refuse them again, so
//! it is not asked for each request.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

use crate::clock::{Clock, UnixSeconds};

/// The time in which an endpoint that has refused them is not asked again.
pub(super) const PAUSE: Duration = Duration::from_secs(30);

/// The refusals of one endpoint. Another one may take what this one refuses: each has its own ways of
/// asking who calls it.
#[derive(Debug)]
pub(super) struct Refusals {
    clock: Clock,
    /// The time of the last refusal; zero where the endpoint has taken them since.
    at: AtomicU64,
}

impl Refusals {
    pub(super) fn new(clock: Clock) -> Self {
        let at = AtomicU64::new(0);
        Self { clock, at }
    }

    /// Returns whether the endpoint's last answer was a refusal.
    pub(super) fn is_last_word(&self) -> bool {
        self.at.load(Ordering::Relaxed) != 0
    }

    /// Returns whether the endpoint refused them less than [`PAUSE`] ago.
    pub(super) fn is_fresh(&self) -> bool {
        self.was_lately(self.at.load(Ordering::Relaxed))
    }

    /// Notes a refusal; returns whether it is the first one for a while.
    pub(super) fn note(&self) -> bool {
        !self.was_lately(self.at.swap(self.clock.now(), Ordering::Relaxed))
    }

    pub(super) fn note_acceptance(&self) {
        self.at.store(0, Ordering::Relaxed);
    }

    /// Returns whether this was less than [`PAUSE`] ago. A refusal of the future is one before somebody
    /// has set the clock back.
    fn was_lately(&self, at: UnixSeconds) -> bool {
        let now = self.clock.now();
        at <= now && now - at < PAUSE.as_secs()
    }
}
