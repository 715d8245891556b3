//! What is counted and measured, for those who run the app: with the feature `metrics`, by the crate of that name.
//!
//! Without it nothing happens here. The names stay between releases. Labels are words of this crate's own: they
//! hold nothing that a user, a request or the provider brings.

use core::time::Duration;

use crate::clock::Clock;

/// A time that is measured from here on, on a clock that nobody sets.
pub(crate) struct Timer(Duration);

impl Timer {
    pub(crate) fn start() -> Self {
        Self(Clock::default().passed())
    }

    /// Ends a call of one of the provider's endpoints.
    pub(crate) fn end_provider_call(self, endpoint: &'static str, outcome: &'static str) {
        let labels = [("endpoint", endpoint), ("outcome", outcome)];
        self.record("authsafe_provider_duration_seconds", &labels);
    }

    /// Ends a call of a store.
    pub(crate) fn end_store_call(self, (store, operation): StoreCall, is_ok: bool) {
        let outcome = if is_ok { "ok" } else { "error" };
        let labels = [
            ("store", store),
            ("operation", operation),
            ("outcome", outcome),
        ];
        self.record("authsafe_store_duration_seconds", &labels);
    }

    fn record(self, name: &'static str, labels: &[Label]) {
        let Self(ended) = Self::start();
        let seconds = ended.saturating_sub(self.0).as_secs_f64();
        #[cfg(feature = "metrics")]
        ::metrics::histogram!(name, labels).record(seconds);
        let _ = (name, labels, seconds);
    }
}

/// Which store, and which of its methods.
pub(crate) type StoreCall = (&'static str, &'static str);

type Label = (&'static str, &'static str);

/// Someone was sent to the provider.
pub(crate) fn sign_in_started() {
    count("authsafe_sign_ins_started_total", &[]);
}

/// Someone came back signed in.
pub(crate) fn sign_in() {
    count("authsafe_sign_ins_total", &[]);
}

/// Someone signed out.
pub(crate) fn sign_out() {
    count("authsafe_sign_outs_total", &[]);
}

/// An endpoint or a guard refused, with the code of its error.
pub(crate) fn refusal(code: &'static str) {
    count("authsafe_refusals_total", &[("code", code)]);
}

/// The provider was asked for new tokens: `ok`, or the code of the error.
pub(crate) fn refresh(outcome: &'static str) {
    count("authsafe_refreshes_total", &[("outcome", outcome)]);
}

/// Something was looked for in a cache.
pub(crate) fn cache(cache: &'static str, is_hit: bool) {
    let result = if is_hit { "hit" } else { "miss" };
    let labels = [("cache", cache), ("result", result)];
    count("authsafe_cache_requests_total", &labels);
}

fn count(name: &'static str, labels: &[Label]) {
    #[cfg(feature = "metrics")]
    ::metrics::counter!(name, labels).increment(1);
    let _ = (name, labels);
}
