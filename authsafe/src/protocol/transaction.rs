//! A sign-in in flight: what must be remembered between sign-in and callback.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

use crate::clock::UnixSeconds;
use crate::types::ReturnTo;

/// What one sign-in remembers, sealed into a cookie of its own.
pub(crate) struct Transaction {
    /// Binds the response to this browser (RFC 6749 §10.12).
    pub(crate) state: String,
    /// Binds the ID token to this sign-in (OpenID Connect Core §3.1.2.1).
    pub(crate) nonce: String,
    /// Binds the code to this sign-in (RFC 7636 §4.1).
    pub(crate) verifier: String,
    /// Where to go afterwards.
    pub(crate) return_to: Option<ReturnTo>,
    /// When it began.
    pub(crate) started_at: UnixSeconds,
}

impl Transaction {
    /// Begins one, with three random texts of 43 characters that nobody else knows.
    pub(crate) fn start(
        [state, nonce, verifier]: [String; 3],
        return_to: Option<ReturnTo>,
        now: UnixSeconds,
    ) -> Self {
        Self {
            state,
            nonce,
            verifier,
            return_to,
            started_at: now,
        }
    }

    /// What its cookie is named after: a hash of the state, so that sign-ins in parallel have a
    /// cookie each, and no name tells a state.
    pub(crate) fn label(state: &str) -> String {
        let hash = digest(&SHA256, state.as_bytes());
        let hash = hash.as_ref().get(..12).unwrap_or_default();
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash)
    }

    /// Is this the state that it began with? In constant time.
    pub(crate) fn is_state(&self, state: &str) -> bool {
        verify_slices_are_equal(self.state.as_bytes(), state.as_bytes()).is_ok()
    }

    /// Has it taken longer than `max_age` seconds?
    pub(crate) fn is_over(&self, now: UnixSeconds, max_age: u64) -> bool {
        now.saturating_sub(self.started_at) > max_age
    }

    /// `started at 8 | state 43 | nonce 43 | verifier 43 | return path`
    pub(crate) fn encode(&self) -> Vec<u8> {
        let return_to = self.return_to.as_ref().map_or("", ReturnTo::as_str);
        [
            &self.started_at.to_be_bytes(),
            self.state.as_bytes(),
            self.nonce.as_bytes(),
            self.verifier.as_bytes(),
            return_to.as_bytes(),
        ]
        .concat()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (started_at, texts) = bytes.split_first_chunk()?;
        let texts = core::str::from_utf8(texts).ok()?;
        let (state, rest) = texts.split_at_checked(43)?;
        let (nonce, rest) = rest.split_at_checked(43)?;
        let (verifier, return_to) = rest.split_at_checked(43)?;
        let return_to = (!return_to.is_empty())
            .then(|| ReturnTo::parse(return_to).ok())
            .flatten();
        Some(Self {
            state: state.to_owned(),
            nonce: nonce.to_owned(),
            verifier: verifier.to_owned(),
            return_to,
            started_at: u64::from_be_bytes(*started_at),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(return_to: Option<ReturnTo>, now: UnixSeconds) -> Transaction {
        Transaction::start(["s", "n", "v"].map(|text| text.repeat(43)), return_to, now)
    }

    #[test]
    fn it_comes_back_from_its_bytes() {
        for path in [None, Some(ReturnTo::parse("/a?b=c").unwrap())] {
            let one = start(path, 77);
            let two = Transaction::decode(&one.encode()).unwrap();
            assert_eq!(
                (two.state, two.nonce, two.verifier),
                (one.state, one.nonce, one.verifier)
            );
            assert_eq!((two.return_to, two.started_at), (one.return_to, 77));
        }
    }

    #[test]
    fn it_is_over_after_its_time_and_not_before() {
        let it = start(None, 1000);
        assert!(!it.is_over(1600, 600));
        assert!(it.is_over(1601, 600));
    }

    #[test]
    fn cut_bytes_are_none() {
        let bytes = start(None, 0).encode();
        assert!(Transaction::decode(&bytes[..bytes.len() - 1]).is_none());
    }
}
