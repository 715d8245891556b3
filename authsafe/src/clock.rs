//! Time and randomness: the only file that reads either.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime};

/// Seconds since 1970-01-01 UTC, as `NumericDate` of RFC 7519 §2.
pub type UnixSeconds = u64;

/// The time, as all of authsafe reads it. Tests set it.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    System,
    Set(Arc<AtomicU64>),
}

impl Clock {
    /// A clock that stands at `now` until [`set`](Self::set) moves it. Clones move together.
    #[must_use]
    pub fn at(now: UnixSeconds) -> Self {
        Self(Source::Set(Arc::new(AtomicU64::new(now))))
    }

    /// Moves a clock made by [`at`](Self::at); the system's own stays as it is.
    pub fn set(&self, now: UnixSeconds) {
        if let Source::Set(time) = &self.0 {
            time.store(now, Ordering::Relaxed);
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> UnixSeconds {
        match &self.0 {
            Source::System => SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            Source::Set(time) => time.load(Ordering::Relaxed),
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

/// 32 random bytes as 43 base64url characters: a state, a nonce, a PKCE verifier.
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
