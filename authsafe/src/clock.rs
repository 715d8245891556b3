//! Time and randomness: the only file that reads either.

use core::time::Duration;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime};

/// Seconds since 1970-01-01 UTC, as `NumericDate` of RFC 7519 §2.
pub type UnixSeconds = u64;

/// Reads a date of HTTP (RFC 9110 §5.6.7).
pub(crate) fn read_http_date(text: &str) -> Option<UnixSeconds> {
    let time = httpdate::parse_http_date(text).ok()?;
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}

/// A time to the nanosecond: what happens within one second has an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FineTime {
    pub(crate) seconds: UnixSeconds,
    pub(crate) nanos: u32,
}

impl FineTime {
    const NANOS: u64 = 1_000_000_000;

    /// Returns the nanoseconds since 1970, for as long as 64 bits hold them: until 2554.
    pub(crate) const fn to_nanos(self) -> u64 {
        self.seconds
            .saturating_mul(Self::NANOS)
            .saturating_add(self.nanos as u64)
    }

    /// Returns the time of so many nanoseconds since 1970.
    pub(crate) const fn from_nanos(nanos: u64) -> Self {
        Self {
            seconds: nanos / Self::NANOS,
            // Less than the divisor, which 32 bits hold.
            nanos: (nanos % Self::NANOS) as u32,
        }
    }

    /// Returns the beginning of a second.
    pub(crate) const fn first_of(seconds: UnixSeconds) -> Self {
        Self { seconds, nanos: 0 }
    }

    /// Returns the end of a second, later than all that is in it.
    pub(crate) const fn last_of(seconds: UnixSeconds) -> Self {
        let nanos = u32::MAX;
        Self { seconds, nanos }
    }
}

/// The clock of AuthSafe. Tests can set it.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    System,
    Set(Arc<SetTime>),
}

#[derive(Debug)]
struct SetTime {
    now: AtomicU64,
    /// How often it has been read to the nanosecond.
    readings: AtomicU32,
    /// In seconds.
    passed: AtomicU64,
}

impl Clock {
    /// Returns a clock that stands at `now` until [`set`](Self::set) moves it. Clones move together.
    #[must_use]
    pub fn at(now: UnixSeconds) -> Self {
        Self(Source::Set(Arc::new(SetTime {
            now: AtomicU64::new(now),
            readings: AtomicU32::new(0),
            passed: AtomicU64::new(0),
        })))
    }

    /// Moves a clock that [`at`](Self::at) made. If it moves ahead, so much time passes. The clock of the system
    /// does not change.
    pub fn set(&self, now: UnixSeconds) {
        if let Source::Set(time) = &self.0 {
            let before = time.now.swap(now, Ordering::Relaxed);
            let moved = now.saturating_sub(before);
            time.passed.fetch_add(moved, Ordering::Relaxed);
        }
    }

    /// Corrects a clock that [`at`](Self::at) made: the time of day changes, but no time passes. The clock of the
    /// system does not change.
    pub fn correct(&self, now: UnixSeconds) {
        if let Source::Set(time) = &self.0 {
            time.now.store(now, Ordering::Relaxed);
        }
    }

    /// Returns the time now.
    #[must_use]
    pub fn now(&self) -> UnixSeconds {
        match &self.0 {
            Source::System => SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            Source::Set(time) => time.now.load(Ordering::Relaxed),
        }
    }

    /// The time now, to the nanosecond. A clock that is set moves on by one with each reading.
    pub(crate) fn fine(&self) -> FineTime {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                since.map_or(FineTime::first_of(0), |since| FineTime {
                    seconds: since.as_secs(),
                    nanos: since.subsec_nanos(),
                })
            }
            Source::Set(time) => FineTime {
                seconds: time.now.load(Ordering::Relaxed),
                nanos: time.readings.fetch_add(1, Ordering::Relaxed),
            },
        }
    }

    /// Returns how much time has passed since some moment in the life of this process, whatever becomes of the
    /// time of day meanwhile: what ages in a process is as old as this says.
    pub(crate) fn passed(&self) -> Duration {
        static BEGINNING: LazyLock<Instant> = LazyLock::new(moment);
        match &self.0 {
            Source::System => BEGINNING.elapsed(),
            Source::Set(time) => Duration::from_secs(time.passed.load(Ordering::Relaxed)),
        }
    }
}

/// A moment, to measure by: no clock that is set right moves it.
pub(crate) fn moment() -> Instant {
    Instant::now()
}

/// The random source failed: nothing may be made with it.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system's random source failed")]
pub(crate) struct NoRandomness;

/// Random bytes from the system's generator, as fit for keys and nonces.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// 32 random bytes as 43 base64url characters.
pub(crate) fn random_text() -> Result<String, NoRandomness> {
    Ok(base64_simd::URL_SAFE_NO_PAD.encode_to_string(random::<32>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_set_clock_move_together() {
        let clock = Clock::at(100);
        let other = clock.clone();
        clock.set(250);
        assert_eq!(other.now(), 250);
    }

    #[test]
    fn what_happens_within_a_second_has_an_order() {
        for clock in [Clock::at(100), Clock::default()] {
            let before = clock.fine();
            std::thread::sleep(Duration::from_millis(2));
            assert!(before < clock.fine());
        }
        let clock = Clock::at(100);
        assert!(FineTime::first_of(100) <= clock.fine() && clock.fine() < FineTime::last_of(100));
        assert!(FineTime::last_of(100) < FineTime::first_of(101));
    }

    #[test]
    fn time_passes_as_a_clock_runs_and_not_as_it_is_put_right() {
        let clock = Clock::at(100);
        clock.set(130);
        clock.correct(90_000);
        clock.correct(50);
        assert_eq!((clock.now(), clock.passed().as_secs()), (50, 30));
        clock.set(60);
        clock.set(10);
        assert_eq!((clock.now(), clock.passed().as_secs()), (10, 40));

        let clock = Clock::default();
        let before = clock.passed();
        std::thread::sleep(Duration::from_millis(2));
        assert!(clock.passed() > before);
    }

    #[test]
    fn the_system_clock_is_past_2026_and_cannot_be_set() {
        let clock = Clock::default();
        clock.set(0);
        assert!(clock.now() > 1_767_225_600);
    }

    #[test]
    fn random_texts_are_43_characters_and_differ() {
        let (a, b) = (random_text().unwrap(), random_text().unwrap());
        assert_eq!(a.len(), 43);
        assert_ne!(a, b);
    }
}
