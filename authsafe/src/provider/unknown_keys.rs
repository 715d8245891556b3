//! Keys that tokens name and that the provider's key set does not hold: when they were looked for.
//!
//! The provider may have changed its keys after we asked, so a token with an unknown key has them
//! fetched again; and whoever makes tokens up must not turn us against the provider by it.

use core::time::Duration;
use std::sync::{Mutex, PoisonError};

/// The time in which a key that was looked for is not looked for again; and, in the long run, between
/// two keys.
const PAUSE: Duration = Duration::from_secs(10);
/// The most keys that are looked for at once.
const AT_ONCE: u32 = 3;

/// The sender of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// The provider's token endpoint.
    Provider,
    /// Anybody.
    Anyone,
}

/// The unknown keys that were looked for lately. Those of the provider's own answers are counted apart:
/// tokens that anybody sends must not keep us from those keys.
#[derive(Debug, Default)]
pub(super) struct UnknownKeys {
    of_provider: Mutex<Looks>,
    of_anyone: Mutex<Looks>,
}

#[derive(Debug, Default)]
struct Looks {
    /// Those within [`PAUSE`]: few more than [`AT_ONCE`].
    lately: Vec<Look>,
    /// When all of them will have had a [`PAUSE`] of their own, one after the other.
    paused_until: Duration,
}

#[derive(Debug)]
struct Look {
    /// The token's `kid`, if it has one.
    kid: Option<String>,
    at: Duration,
    has_failed: bool,
}

/// The answer to whether a key may be looked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Permission<T> {
    /// It may; that is noted, and this has begun.
    Granted(T),
    /// It was looked for a moment ago.
    LookedLately,
    /// It may not now: too many others were looked for.
    TooMany,
}

impl UnknownKeys {
    /// Looks for a key by its `kid`, if it may. Whoever comes next finds that it has begun.
    pub(super) fn look<T>(
        &self,
        sender: Sender,
        kid: Option<&str>,
        now: Duration,
        begin: impl FnOnce() -> T,
    ) -> Permission<T> {
        self.with(sender, |looks| {
            let lately = &mut looks.lately;
            lately.retain(|look| now.saturating_sub(look.at) < PAUSE);
            let is_it = |look: &Look| look.kid.as_deref() == kid && !look.has_failed;
            if lately.iter().any(is_it) {
                return Permission::LookedLately;
            }
            let paused_until = looks.paused_until.max(now) + PAUSE;
            if paused_until.saturating_sub(now) > PAUSE * AT_ONCE {
                return Permission::TooMany;
            }
            looks.paused_until = paused_until;
            lately.push(Look {
                kid: kid.map(str::to_owned),
                at: now,
                has_failed: false,
            });
            Permission::Granted(begin())
        })
    }

    /// Notes that the provider failed when a key was looked for: it may be looked for again, and counts
    /// all the same.
    pub(super) fn failed(&self, sender: Sender, kid: Option<&str>) {
        self.with(sender, |looks| {
            let looks = looks.lately.iter_mut();
            let same = looks.filter(|look| look.kid.as_deref() == kid);
            same.for_each(|look| look.has_failed = true);
        });
    }

    fn with<T>(&self, sender: Sender, work: impl FnOnce(&mut Looks) -> T) -> T {
        let looks = match sender {
            Sender::Provider => &self.of_provider,
            Sender::Anyone => &self.of_anyone,
        };
        work(&mut looks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::Permission::{Granted, LookedLately, TooMany};
    use super::*;

    fn look_for(keys: &UnknownKeys, sender: Sender, kid: Option<&str>, now: u64) -> Permission<()> {
        keys.look(sender, kid, Duration::from_secs(now), || ())
    }

    fn look(keys: &UnknownKeys, kid: &str, now: u64) -> Permission<()> {
        look_for(keys, Sender::Anyone, Some(kid), now)
    }

    #[test]
    fn a_key_is_looked_for_once_in_ten_seconds() {
        let keys = UnknownKeys::default();
        assert_eq!(look(&keys, "a", 100), Granted(()));
        assert_eq!(look(&keys, "a", 109), LookedLately);
        assert_eq!(look(&keys, "a", 110), Granted(()));
        assert_eq!(look_for(&keys, Sender::Anyone, None, 110), Granted(()));
        assert_eq!(look_for(&keys, Sender::Anyone, None, 110), LookedLately);
    }

    #[test]
    fn another_key_is_looked_for_at_once_but_not_any_number_of_them() {
        let keys = UnknownKeys::default();
        for kid in ["a", "b", "c"] {
            assert_eq!(look(&keys, kid, 100), Granted(()));
        }
        let mut granted = 0;
        for i in 0..1000 {
            let now = 100 + i / 10;
            granted += usize::from(look(&keys, &i.to_string(), now) == Granted(()));
            let looks = keys.of_anyone.lock().unwrap().lately.len();
            assert!(looks <= 4, "{looks}");
        }
        // One in ten seconds.
        assert_eq!(granted, 9);
        assert_eq!(look(&keys, "d", 200), Granted(()));
        assert_eq!(look(&keys, "e", 200), TooMany);
    }

    #[test]
    fn what_anybody_sends_does_not_keep_us_from_the_providers_own() {
        let keys = UnknownKeys::default();
        for kid in ["a", "b", "c", "d"] {
            look(&keys, kid, 100);
        }
        let own = look_for(&keys, Sender::Provider, Some("a"), 100);
        assert_eq!(own, Granted(()));
    }

    #[test]
    fn one_that_could_not_be_looked_for_is_looked_for_again_but_not_without_end() {
        let keys = UnknownKeys::default();
        for _ in 0..3 {
            assert_eq!(look(&keys, "a", 100), Granted(()));
            keys.failed(Sender::Anyone, Some("a"));
        }
        assert_eq!(look(&keys, "a", 100), TooMany);
    }
}
