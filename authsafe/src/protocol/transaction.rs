//! A sign-in in flight: what must be remembered between sign-in and callback.

use core::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};

use crate::clock::{FineTime, UnixSeconds};
use crate::types::{CodeVerifier, Nonce, RANDOM_LEN, ReturnTo, State};

/// The bit beside `max_age` that says that a sign-in is a second try.
const AGAIN: u64 = 1 << 63;

/// The memory of one sign-in, sealed into a cookie of its own.
pub(crate) struct Transaction {
    pub(crate) state: State,
    pub(crate) nonce: Nonce,
    pub(crate) verifier: CodeVerifier,
    /// The path to go to afterwards.
    pub(crate) return_to: Option<ReturnTo>,
    /// The `max_age` that was asked for, in whole seconds.
    pub(crate) max_age: Option<Duration>,
    /// The beginning of the sign-in.
    pub(crate) started_at: FineTime,
}

/// The reason that an `auth_time` is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AuthTimeError {
    #[error("the ID token's `auth_time` is missing, and a `max_age` was asked for")]
    Missing,
    #[error(
        "the ID token's `auth_time` was {ago} seconds ago by this machine's clock, and a `max_age` of {max_age} was asked for"
    )]
    TooOld { ago: u64, max_age: u64 },
    #[error(
        "the ID token's `auth_time` is {0} seconds ahead of this machine's clock: is one of the clocks wrong?"
    )]
    InFuture(u64),
}

impl Transaction {
    pub(crate) fn start(
        state: State,
        nonce: Nonce,
        verifier: CodeVerifier,
        return_to: Option<ReturnTo>,
        now: FineTime,
    ) -> Self {
        Self {
            state,
            nonce,
            verifier,
            return_to,
            max_age: None,
            started_at: now,
        }
    }

    /// Adds the `max_age` that it asks for.
    pub(crate) fn within(self, max_age: Option<Duration>) -> Self {
        Self { max_age, ..self }
    }

    /// Checks that the user may have proved who they are at `auth_time`. Where a `max_age` was asked for, that
    /// must be known, and be neither longer before the sign-in began nor in the future, by more than clocks
    /// may differ (OpenID Connect Core §3.1.3.7, step 13).
    pub(crate) fn check_auth_time(
        &self,
        auth_time: Option<UnixSeconds>,
        now: UnixSeconds,
        leeway: Duration,
    ) -> Result<(), AuthTimeError> {
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        let leeway = leeway.as_secs();
        let earliest = self.started_at.seconds.saturating_sub(max_age.as_secs());
        let auth_time = auth_time.ok_or(AuthTimeError::Missing)?;
        if auth_time < earliest.saturating_sub(leeway) {
            let (ago, max_age) = (now.saturating_sub(auth_time), max_age.as_secs());
            return Err(AuthTimeError::TooOld { ago, max_age });
        }
        if auth_time > now.saturating_add(leeway) {
            return Err(AuthTimeError::InFuture(auth_time.saturating_sub(now)));
        }
        Ok(())
    }

    /// Returns when the user proved who they are, by our clock. A time that is allowed by the leeway alone is of
    /// a clock that is behind: guards, which know no leeway, would send its user round in circles.
    pub(crate) fn by_our_clock(&self, auth_time: UnixSeconds, leeway: Duration) -> UnixSeconds {
        match self.max_age {
            Some(max_age)
                if auth_time.saturating_add(max_age.as_secs()) < self.started_at.seconds =>
            {
                auth_time.saturating_add(leeway.as_secs())
            }
            _ => auth_time,
        }
    }

    /// Returns what its cookie is named after: a hash of the state, so that sign-ins in parallel have
    /// a cookie each, and no name tells a state.
    pub(crate) fn label(state: &State) -> String {
        let hash = digest(&SHA256, state.expose_secret().as_bytes());
        let hash = hash.as_ref().get(..12).unwrap_or_default();
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash)
    }

    /// Returns whether it has taken longer than `max_age`.
    pub(crate) fn is_over(&self, now: UnixSeconds, max_age: Duration) -> bool {
        now.saturating_sub(self.started_at.seconds) > max_age.as_secs()
    }

    /// Encodes it: `started at, in nanoseconds, 8 | max_age and one, or zero, and whether it is a second try, 8 | state 43 |
    /// nonce 43 | verifier 43 | return path`
    pub(crate) fn encode(&self) -> Vec<u8> {
        let return_to = self.return_to.as_ref().map_or("", ReturnTo::as_str);
        let max_age = self.max_age.map_or(0, |it| it.as_secs().saturating_add(1));
        let again = if self.state.is_again() { AGAIN } else { 0 };
        let state = self.state.expose_secret().as_bytes();
        [
            &self.started_at.to_nanos().to_be_bytes(),
            &(max_age | again).to_be_bytes(),
            state.get(..RANDOM_LEN).unwrap_or(state),
            self.nonce.expose_secret().as_bytes(),
            self.verifier.expose_secret().as_bytes(),
            return_to.as_bytes(),
        ]
        .concat()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (started_at, rest) = bytes.split_first_chunk()?;
        let (max_age, texts) = rest.split_first_chunk()?;
        let max_age = u64::from_be_bytes(*max_age);
        let again = if max_age & AGAIN != 0 { "." } else { "" };
        let max_age = (max_age & !AGAIN).checked_sub(1);
        let texts = core::str::from_utf8(texts).ok()?;
        let (state, rest) = texts.split_at_checked(RANDOM_LEN)?;
        let (nonce, rest) = rest.split_at_checked(RANDOM_LEN)?;
        let (verifier, return_to) = rest.split_at_checked(RANDOM_LEN)?;
        let return_to = (!return_to.is_empty())
            .then(|| ReturnTo::parse(return_to).ok())
            .flatten();
        Some(Self {
            state: State::read([state, again].concat()),
            nonce: Nonce::read(nonce),
            verifier: CodeVerifier::read(verifier),
            return_to,
            max_age: max_age.map(Duration::from_secs),
            started_at: FineTime::from_nanos(u64::from_be_bytes(*started_at)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::transaction as start;
    use super::*;

    #[test]
    fn a_second_try_comes_back_as_one() {
        for max_age in [None, Some(Duration::from_secs(60))] {
            let one = Transaction {
                state: State::again([1; 32]),
                ..start(None, 77)
            };
            let two = Transaction::decode(&one.within(max_age).encode()).unwrap();
            assert!(two.state.is(&State::again([1; 32])) && two.state.is_again());
            assert_eq!((two.max_age, two.started_at.seconds), (max_age, 77));
        }
        let first = Transaction::decode(&start(None, 77).encode()).unwrap();
        assert!(!first.state.is_again());
    }

    #[test]
    fn it_comes_back_from_its_bytes() {
        for path in [None, Some(ReturnTo::parse("/a?b=c").unwrap())] {
            let one = start(path, 77);
            let two = Transaction::decode(&one.encode()).unwrap();
            assert!(two.state.is(&one.state) && two.nonce.is(one.nonce.expose_secret()));
            let verifiers = [two.verifier, one.verifier].map(|it| it.expose_secret().to_owned());
            assert_eq!(verifiers, ["v".repeat(43), "v".repeat(43)]);
            assert_eq!(
                (two.return_to, two.started_at),
                (one.return_to, one.started_at)
            );
        }
    }

    #[test]
    fn it_knows_the_maximum_age_that_it_asked_for() {
        for max_age in [None, Some(0), Some(300), Some(u32::MAX.into())] {
            let max_age = max_age.map(Duration::from_secs);
            let bytes = start(None, 77).within(max_age).encode();
            assert_eq!(Transaction::decode(&bytes).unwrap().max_age, max_age);
        }
    }

    #[test]
    fn who_proved_who_they_are_too_long_before_it_is_refused() {
        let asks = start(None, 1000).within(Some(Duration::from_secs(300)));
        let check = |auth_time| asks.check_auth_time(auth_time, 1100, Duration::from_secs(60));
        let allows = |auth_time| check(auth_time).is_ok();
        assert!(allows(Some(700)));
        // The clocks may differ, in both directions.
        assert!(allows(Some(640)));
        assert!(!allows(Some(639)));
        assert!(allows(Some(1160)));
        assert!(!allows(Some(1161)));
        assert!(!allows(None));
        let old = AuthTimeError::TooOld {
            ago: 461,
            max_age: 300,
        };
        assert_eq!(check(Some(639)), Err(old));
        assert_eq!(check(Some(1161)), Err(AuthTimeError::InFuture(61)));
        let strictly = |auth_time| {
            let checked = asks.check_auth_time(Some(auth_time), 1100, Duration::ZERO);
            checked.is_ok()
        };
        assert!(strictly(700) && strictly(1100) && !strictly(699) && !strictly(1101));
        let asks_for_none = start(None, 1000).check_auth_time(None, 1100, Duration::ZERO);
        assert_eq!(asks_for_none, Ok(()));
    }

    #[test]
    fn a_time_that_the_leeway_alone_allows_is_of_a_clock_that_is_behind() {
        let leeway = Duration::from_secs(60);
        let asks = start(None, 1000).within(Some(Duration::from_secs(300)));
        assert_eq!(asks.by_our_clock(640, leeway), 700);
        assert_eq!(asks.by_our_clock(699, leeway), 759);
        assert_eq!(asks.by_our_clock(700, leeway), 700);
        assert_eq!(start(None, 1000).by_our_clock(640, leeway), 640);
    }

    #[test]
    fn it_is_over_after_its_time_and_not_before() {
        let it = start(None, 1000);
        let max_age = Duration::from_secs(600);
        assert!(!it.is_over(1600, max_age));
        assert!(it.is_over(1601, max_age));
    }

    #[test]
    fn cut_bytes_are_none() {
        let bytes = start(None, 0).encode();
        assert!(Transaction::decode(&bytes[..bytes.len() - 1]).is_none());
    }

    #[test]
    fn its_cookie_is_named_after_a_part_of_the_hash_of_its_state() {
        // FIPS 180-4 has the hash of `abc`.
        let label = Transaction::label(&State::read("abc"));
        assert_eq!(label, "ungWv48Bz-pBQUDe");
    }
}
