//! Sessions in a store: what the cookie holds, and what the record is.
//!
//! The cookie holds a ticket: the session's id, and a key of 32 random bytes. The record lies under a
//! hash of the id, and is sealed under a key that is derived from the cookie secret and from the
//! ticket's key. So a dump of the store signs nobody in, not even together with the cookie secret;
//! and a cookie is worth nothing once the record is gone.
//!
//! The key changes at every sign-in, with the id, and alone when what the user may do changes; the
//! id stays then, so that the session is ended by it wherever it is. A cookie with the key from
//! before is led on for a while:
//!
//! ```text
//! record = session, sealed [ "." until "." the next key, sealed under the one before ]*
//! ```

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64_simd::URL_SAFE_NO_PAD as BASE64;
use secrecy::{ExposeSecret, SecretBox};

use super::id::SessionId;
use super::seal::{Keys, Purpose, SealError, Sealed};
use super::tokens::SessionTokens;
use crate::clock::{self, UnixSeconds};

/// What the cookie of a session in a store holds.
pub(crate) struct Ticket {
    pub(crate) id: SessionId,
    key: SecretBox<[u8; KEY]>,
    /// Whether its cookie was sealed under an older secret.
    is_old: bool,
}

const KEY: usize = 32;

/// Returns where the record of a session lies. Says nothing of the id.
pub(crate) fn record_key(id: SessionId) -> String {
    let id = digest(&SHA256, &[&b"authsafe session "[..], &id.0].concat());
    format!("session:{}", BASE64.encode_to_string(id))
}

impl Ticket {
    fn new(id: SessionId) -> Result<Self, SealError> {
        let key = clock::random().map_err(|_| SealError)?;
        Ok(Self::with(id, key))
    }

    fn with(id: SessionId, key: [u8; KEY]) -> Self {
        let key = SecretBox::new(Box::new(key));
        Self {
            id,
            key,
            is_old: false,
        }
    }

    /// The cookie's value.
    pub(crate) fn seal(&self, keys: &Keys, name: &str) -> Result<String, SealError> {
        let ticket = [&self.id.0[..], self.key.expose_secret()].concat();
        keys.seal(Purpose::Ticket, name, &ticket, None)
    }

    /// Reads a cookie's value. `None` for whatever was not sealed here, under this name.
    pub(crate) fn open(keys: &Keys, name: &str, value: &[u8]) -> Option<Self> {
        let ticket = keys.open_first(Purpose::Ticket, name, value)?;
        let (id, key) = ticket.split_first_chunk()?;
        let mut ticket = Self::with(SessionId(*id), key.try_into().ok()?);
        ticket.is_old = !keys.is_under_first(value);
        Some(ticket)
    }

    /// Returns whether it is the same session, under the same key.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let key = other.key.expose_secret();
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(self.key.expose_secret(), key);
        self.id == other.id && same.is_ok()
    }

    fn keys(&self, keys: &Keys) -> Result<Keys, SealError> {
        keys.of_record(self.key.expose_secret())
    }
}

/// How a session lies in the store.
#[derive(Clone)]
pub(crate) struct StoreEntry {
    pub(crate) ticket: Arc<Ticket>,
    forwards: Vec<KeyForward>,
    /// The request came with another ticket, or with one sealed under an older secret.
    pub(crate) cookie_is_old: bool,
}

/// The next key of a session, for whoever comes with the one before.
#[derive(Clone)]
struct KeyForward {
    until: UnixSeconds,
    sealed: String,
}

impl StoreEntry {
    /// Makes that of a new session, under a key of its own.
    pub(crate) fn new(id: SessionId) -> Result<Self, SealError> {
        Ok(Self {
            ticket: Arc::new(Ticket::new(id)?),
            forwards: Vec::new(),
            cookie_is_old: true,
        })
    }

    /// The same session under a new key. Until `until` the one before is led on to it.
    pub(crate) fn rekeyed(&self, keys: &Keys, until: UnixSeconds) -> Result<Self, SealError> {
        let mut next = Self::new(self.ticket.id)?;
        let sealed = self.ticket.keys(keys)?.seal(
            Purpose::Session,
            &KeyForward::name(self.ticket.id, until),
            next.ticket.key.expose_secret(),
            None,
        )?;
        next.forwards.clone_from(&self.forwards);
        next.forwards.push(KeyForward { until, sealed });
        Ok(next)
    }

    /// The record of this session.
    pub(crate) fn write(
        &self,
        keys: &Keys,
        first: &[u8],
        second: &[u8],
        now: UnixSeconds,
    ) -> Result<String, SealError> {
        let name = record_key(self.ticket.id);
        let own = self.ticket.keys(keys)?;
        let mut record = own.seal(Purpose::Session, &name, first, Some(second))?;
        for forward in self.forwards.iter().filter(|it| now <= it.until) {
            record += &format!(".{}.{}", forward.until, forward.sealed);
        }
        Ok(record)
    }

    /// Opens a record for whoever has this ticket: the session's first part, its tokens, and how it lies
    /// in the store. `None`: it is not theirs.
    pub(crate) fn open(
        keys: &Keys,
        mut ticket: Arc<Ticket>,
        record: &str,
        now: UnixSeconds,
    ) -> Option<(Vec<u8>, SessionTokens, Self)> {
        let mut parts = record.split('.');
        let sealed = parts.next()?;
        let mut forwards = Vec::new();
        while let (Some(until), Some(sealed)) = (parts.next(), parts.next()) {
            let (until, sealed) = (until.parse().ok()?, sealed.to_owned());
            forwards.push(KeyForward { until, sealed });
        }
        let name = record_key(ticket.id);
        let mut cookie_is_old = ticket.is_old;
        // Each leads one key on at the most.
        for _ in 0..=forwards.len() {
            let own = ticket.keys(keys).ok()?;
            if let Some(first) = own.open_first(Purpose::Session, &name, sealed.as_bytes()) {
                let tokens = Sealed::Joined(sealed.as_bytes().to_vec());
                let tokens = SessionTokens::Sealed(tokens, Arc::new(own));
                let entry = Self {
                    ticket,
                    forwards,
                    cookie_is_old,
                };
                return Some((first, tokens, entry));
            }
            let next = forwards.iter().filter(|it| now <= it.until);
            ticket = Arc::new(next.into_iter().find_map(|it| it.follow(&own, ticket.id))?);
            cookie_is_old = true;
        }
        None
    }
}

impl KeyForward {
    /// Returns what it is sealed as: nobody makes it last longer.
    fn name(id: SessionId, until: UnixSeconds) -> String {
        format!("{} until {until}", record_key(id))
    }

    fn follow(&self, own: &Keys, id: SessionId) -> Option<Ticket> {
        let name = Self::name(id, self.until);
        let key = own.open_first(Purpose::Session, &name, self.sealed.as_bytes())?;
        Some(Ticket::with(id, key.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Identity, Session, encode_tokens};
    use crate::types::{Token, Tokens};
    use secrecy::SecretString;

    fn keys(secrets: &[&str]) -> Keys {
        let secrets: Vec<_> = secrets.iter().map(|&it| SecretString::from(it)).collect();
        Keys::derive(&secrets, &["issuer", "client"]).unwrap()
    }

    fn record(keys: &Keys, stored: &StoreEntry, now: UnixSeconds) -> String {
        let identity = Identity::new(stored.ticket.id, "alice".into());
        let tokens = Tokens {
            access: Token::new("access"),
            refresh: None,
            id: None,
        };
        let (first, second) = (
            identity.encode().unwrap(),
            encode_tokens(&tokens.into()).unwrap(),
        );
        stored.write(keys, &first, &second, now).unwrap()
    }

    fn read(keys: &Keys, ticket: &Arc<Ticket>, record: &str, now: UnixSeconds) -> Option<Session> {
        let (first, tokens, entry) = StoreEntry::open(keys, Arc::clone(ticket), record, now)?;
        Session::decode_stored(first, tokens, entry)
    }

    fn reads(keys: &Keys, stored: &StoreEntry, record: &str, now: UnixSeconds) -> bool {
        let session = read(keys, &stored.ticket, record, now);
        session.is_some_and(|it| it.user().id() == "alice" && it.tokens().is_some())
    }

    #[test]
    fn a_ticket_comes_back_from_its_cookie_and_from_no_other() {
        let keys = keys(&["a"]);
        let ticket = Ticket::new(SessionId([7; 16])).unwrap();
        let value = ticket.seal(&keys, "authsafe").unwrap();
        let opened = Ticket::open(&keys, "authsafe", value.as_bytes()).unwrap();
        assert!(opened.is(&ticket));
        assert!(!opened.is(&Ticket::new(SessionId([7; 16])).unwrap()));
        assert!(Ticket::open(&keys, "other", value.as_bytes()).is_none());
        let session = keys
            .seal(Purpose::Session, "authsafe", &[7; 48], None)
            .unwrap();
        assert!(Ticket::open(&keys, "authsafe", session.as_bytes()).is_none());
    }

    #[test]
    fn a_ticket_that_was_sealed_under_an_older_secret_is_old() {
        let ticket = Ticket::new(SessionId([7; 16])).unwrap();
        let value = ticket.seal(&keys(&["a"]), "authsafe").unwrap();
        for (secrets, is_old) in [
            (&["a"][..], false),
            (&["a", "b"], false),
            (&["b", "a"], true),
        ] {
            let opened = Ticket::open(&keys(secrets), "authsafe", value.as_bytes()).unwrap();
            assert_eq!(opened.is_old, is_old, "{secrets:?}");
        }
    }

    #[test]
    fn a_record_is_read_with_its_ticket_alone() {
        let keys = keys(&["a"]);
        let (one, other) = (
            StoreEntry::new(SessionId([1; 16])).unwrap(),
            StoreEntry::new(SessionId([1; 16])).unwrap(),
        );
        let text = record(&keys, &one, 100);
        assert!(reads(&keys, &one, &text, 100));
        assert!(!reads(&keys, &other, &text, 100));
    }

    #[test]
    fn records_do_not_take_one_anothers_place() {
        let keys = keys(&["a"]);
        let one = StoreEntry::new(SessionId([1; 16])).unwrap();
        let key = *one.ticket.key.expose_secret();
        let elsewhere = Arc::new(Ticket::with(SessionId([2; 16]), key));
        let text = record(&keys, &one, 100);
        assert!(read(&keys, &elsewhere, &text, 100).is_none());
    }

    #[test]
    fn who_comes_with_an_earlier_key_is_led_on_for_a_while() {
        let keys = keys(&["a"]);
        let first = StoreEntry::new(SessionId([1; 16])).unwrap();
        let second = first.rekeyed(&keys, 130).unwrap();
        let third = second.rekeyed(&keys, 140).unwrap();
        let text = record(&keys, &third, 110);
        assert!(reads(&keys, &first, &text, 130));
        assert!(!reads(&keys, &first, &text, 131));
        assert!(reads(&keys, &second, &text, 140));
        assert!(!reads(&keys, &second, &text, 141));
        assert!(reads(&keys, &third, &text, 1000));
        let session = read(&keys, &first.ticket, &text, 130).unwrap();
        let stored = session.stored().unwrap();
        assert!(stored.cookie_is_old && stored.ticket.is(&third.ticket));
    }

    #[test]
    fn nobody_makes_a_forward_last_longer() {
        let keys = keys(&["a"]);
        let first = StoreEntry::new(SessionId([1; 16])).unwrap();
        let second = first.rekeyed(&keys, 130).unwrap();
        let text = record(&keys, &second, 110).replace(".130.", ".999.");
        assert!(!reads(&keys, &first, &text, 200));
    }

    #[test]
    fn a_forward_that_is_over_is_not_written_again() {
        let keys = keys(&["a"]);
        let second = StoreEntry::new(SessionId([1; 16]))
            .unwrap()
            .rekeyed(&keys, 130)
            .unwrap();
        assert!(record(&keys, &second, 130).contains('.'));
        assert!(!record(&keys, &second, 131).contains('.'));
    }

    #[test]
    fn secrets_rotate() {
        let stored = StoreEntry::new(SessionId([1; 16])).unwrap();
        let text = record(&keys(&["old"]), &stored, 100);
        assert!(reads(&keys(&["new", "old"]), &stored, &text, 100));
        assert!(!reads(&keys(&["new"]), &stored, &text, 100));
    }

    #[test]
    fn what_is_no_record_is_none() {
        let keys = keys(&["a"]);
        let stored = StoreEntry::new(SessionId([1; 16])).unwrap();
        for text in ["", ".", "x", "x.y", "x.1.y", "..."] {
            assert!(!reads(&keys, &stored, text, 100), "{text:?}");
        }
    }

    #[test]
    fn where_a_record_lies_does_not_show_its_id() {
        let key = record_key(SessionId([0xab; 16]));
        assert!(key.is_ascii() && !key.contains("abab"), "{key}");
        assert_ne!(key, record_key(SessionId([0xac; 16])));
    }
}
