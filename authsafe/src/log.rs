//! Lines of the log that strangers can cause: so many of one kind a minute, whatever comes.
//!
//! [`error!`], [`warn!`] and [`info!`] are those of `tracing`, with a bound. The first line after some
//! that were left out says how many those were. What is counted and measured besides is in [`metrics`].

pub(crate) mod metrics;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::Clock;

/// How many lines of one kind there are a minute at the most.
const LINES: u32 = 10;

#[derive(Debug, Default)]
struct Minute {
    /// In seconds.
    began: u64,
    written: u32,
    left_out: Option<u64>,
}

impl Minute {
    fn admit(&mut self, now: u64) -> Option<Option<u64>> {
        if now.saturating_sub(self.began) >= 60 {
            (self.began, self.written) = (now, 0);
        }
        if self.written == LINES {
            self.left_out = Some(self.left_out.map_or(1, |count| count.saturating_add(1)));
            return None;
        }
        self.written += 1;
        Some(self.left_out.take())
    }
}

/// Lines that one place writes about several things.
#[derive(Debug)]
pub(crate) struct Kinds(Mutex<BTreeMap<&'static str, Minute>>);

impl Kinds {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Returns how many lines were left out before this one; `None` where it is left out too.
    pub(crate) fn admit(&self, about: &'static str) -> Option<Option<u64>> {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.entry(about).or_default().admit(now())
    }
}

/// In seconds, on a clock that nobody sets.
fn now() -> u64 {
    Clock::default().passed().as_secs()
}

macro_rules! bounded {
    ($level:ident, $($line:tt)+) => {{
        static LINES: $crate::log::Kinds = $crate::log::Kinds::new();
        if let Some(left_out) = LINES.admit("") {
            ::tracing::$level!(left_out, $($line)+);
        }
    }};
}
macro_rules! bounded_error {
    ($($line:tt)+) => { $crate::log::bounded!(error, $($line)+) };
}
macro_rules! bounded_warn {
    ($($line:tt)+) => { $crate::log::bounded!(warn, $($line)+) };
}
macro_rules! bounded_info {
    ($($line:tt)+) => { $crate::log::bounded!(info, $($line)+) };
}
pub(crate) use {bounded, bounded_error as error, bounded_info as info, bounded_warn as warn};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_lines_are_written_a_minute_and_the_next_one_counts_those_between() {
        let mut minute = Minute::default();
        for now in [0, 0, 0, 0, 0, 5, 10, 20, 30, 59] {
            assert_eq!(minute.admit(now), Some(None));
        }
        for _ in 0..1000 {
            assert_eq!(minute.admit(59), None);
        }
        assert_eq!(minute.admit(60), Some(Some(1000)));
        assert_eq!(minute.admit(60), Some(None));
    }

    #[test]
    fn what_is_about_one_thing_leaves_out_nothing_about_another() {
        let kinds = Kinds::new();
        let written = (0..100).filter(|_| kinds.admit("one").is_some()).count();
        assert_eq!(written, LINES as usize);
        assert_eq!(kinds.admit("other"), Some(None));
    }
}
