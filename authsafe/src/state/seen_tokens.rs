//! Access tokens that were verified before, found by their end and compared whole: no hash is made of them.

use std::sync::{PoisonError, RwLock};

use crate::clock::UnixSeconds;
use crate::session::Session;

/// How many places there are. Of two tokens with one place the later has it.
const PLACES: usize = 4096;

/// The end of a token that its place comes of. In a JWT that is of the signature, which nobody chooses.
const END: usize = 8;

/// A verified token.
struct Seen {
    /// Its last bytes: whoever does not know them does not come to be compared.
    end: u64,
    /// What it says; it holds the token.
    session: Session,
    /// When it has to be verified again.
    until: UnixSeconds,
}

impl Seen {
    fn is(&self, token: &str) -> bool {
        end(token) == Some(self.end) && self.session.is_of(token)
    }
}

fn end(token: &str) -> Option<u64> {
    let end = token.as_bytes().last_chunk::<END>()?;
    Some(u64::from_le_bytes(*end))
}

/// The tokens that one process has verified lately.
pub(crate) struct SeenTokens(Box<[RwLock<Option<Seen>>]>);

impl SeenTokens {
    pub(super) fn new() -> Self {
        Self((0..PLACES).map(|_| RwLock::new(None)).collect())
    }

    /// Returns the session of a token that is verified. Whoever does not know the end of one learns nothing by the
    /// time that this takes.
    pub(crate) fn get(&self, token: &str, now: UnixSeconds) -> Option<Session> {
        let seen = self.place(end(token)?)?.read();
        let seen = seen.unwrap_or_else(PoisonError::into_inner);
        let seen = seen.as_ref().filter(|it| now < it.until && it.is(token))?;
        Some(seen.session.clone())
    }

    /// Remembers the session of a token.
    pub(crate) fn remember(&self, token: &str, session: Session, until: UnixSeconds) {
        let Some(end) = end(token) else { return };
        if let Some(place) = self.place(end) {
            let seen = Seen {
                end,
                session,
                until,
            };
            *place.write().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        }
    }

    pub(crate) fn forget(&self, token: &str) {
        if let Some(place) = end(token).and_then(|end| self.place(end)) {
            let mut seen = place.write().unwrap_or_else(PoisonError::into_inner);
            seen.take_if(|seen| seen.is(token));
        }
    }

    fn place(&self, end: u64) -> Option<&RwLock<Option<Seen>>> {
        // Base64url has six bits in a byte; the product's upper ones are of all of them.
        let place = end.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACES.ilog2());
        self.0.get(usize::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Identity, SessionId, SessionTokens};
    use crate::types::{Token, Tokens};

    fn session(token: &str) -> Session {
        let tokens = Tokens {
            access: Token::new(token),
            refresh: None,
            id: None,
        };
        let identity = Identity::new(SessionId([0; 16]), "alice".to_owned());
        Session::decode(
            identity.encode().unwrap(),
            SessionTokens::Open(tokens.into()),
        )
        .unwrap()
    }

    #[test]
    fn a_token_is_known_to_the_last_byte_and_until_its_time() {
        let seen = SeenTokens::new();
        seen.remember("a.b.signature", session("a.b.signature"), 100);
        assert!(seen.get("a.b.signature", 99).is_some());
        assert!(seen.get("a.b.signature", 100).is_none());
        // Of one place, which its end tells.
        for other in [
            "a.c.signature",
            "x.a.b.signature",
            "ignature",
            "a.b.Signature",
            "",
        ] {
            assert!(seen.get(other, 99).is_none(), "{other}");
            seen.forget(other);
        }
        assert!(seen.get("a.b.signature", 99).is_some());
        seen.forget("a.b.signature");
        assert!(seen.get("a.b.signature", 99).is_none());
    }

    #[test]
    fn of_two_with_one_end_the_later_is_known() {
        let seen = SeenTokens::new();
        for token in ["a.b.signature", "a.c.signature"] {
            seen.remember(token, session(token), 100);
            assert!(seen.get(token, 0).is_some());
        }
        assert!(seen.get("a.b.signature", 0).is_none());
    }
}
