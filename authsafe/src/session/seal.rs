//! Sealing: what a cookie holds is encrypted and authenticated.
//!
//! The cipher is AES-256-GCM-SIV (RFC 8452). It derives keys of its own from each nonce and
//! resists a repeated one, so that random nonces are safe for far more than 2^32 cookies a key.
//! Keys come from the cookie secret by HKDF-SHA256 (RFC 5869), one for each purpose and format
//! version, so that nothing sealed for one purpose opens as another; the cookie's name is
//! authenticated beside the content.
//!
//! A sealed value, before base64url:
//!
//! ```text
//! version 1 | key id 1 | length of the first part 2 | nonce 12 | first part + tag 16 | second part + tag 16
//! ```
//!
//! The first part is who it is, and is all that a guard opens. The second (the tokens) is bound
//! to the first: its associated data is the first part's tag.

use core::ops::Range;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use base64_simd::URL_SAFE_NO_PAD as BASE64;
use http::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::clock;

const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
const HEADER: usize = 4 + NONCE;

/// What is sealed. Each purpose has keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A session: who it is, and the tokens.
    Session,
    /// A sign-in in flight.
    Transaction,
    /// What machines tell one another.
    Shared,
    /// Where a session lies in the store, and its key.
    Ticket,
}

/// The keys of one cookie secret.
struct Key {
    id: u8,
    session: LessSafeKey,
    tokens: LessSafeKey,
    /// `None`: they are the keys of one record in the store, which is a session and nothing else.
    others: Option<Others>,
}

struct Others {
    transaction: LessSafeKey,
    shared: LessSafeKey,
    ticket: LessSafeKey,
    /// What the keys of records in the store are derived from, together with a key of the record's
    /// own.
    records: hkdf::Salt,
}

/// All the keys: the first seals, each opens.
pub(crate) struct Keys(Vec<Key>);

/// Sealing failed: the random source did, or the content is too large. Nothing was sealed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a cookie could not be sealed")]
pub(crate) struct SealError;

impl Keys {
    /// Derives the keys of each secret, the one that seals first. There is at least one. Another
    /// `context` means other keys: apps that share a secret do not open one another's cookies.
    pub(crate) fn derive(secrets: &[SecretString], context: &[&str]) -> Result<Self, SealError> {
        if secrets.is_empty() {
            return Err(SealError);
        }
        secrets
            .iter()
            .map(|secret| Key::derive(secret, context))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The keys of one record in the store: whoever opens it has both the cookie secret and the
    /// record's own key, which is in the cookie alone.
    pub(crate) fn of_record(&self, own: &[u8]) -> Result<Self, SealError> {
        let of_record = |key: &Key| {
            let records = &key.others.as_ref().ok_or(SealError)?.records;
            let root = records.extract(own);
            let derive = |purpose| derive(&root, purpose, &[]);
            Ok(Key {
                id: key.id,
                session: derive("record")?,
                tokens: derive("record tokens")?,
                others: None,
            })
        };
        self.0
            .iter()
            .map(of_record)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Returns whether a value is sealed under the first key, as far as its key id tells.
    pub(crate) fn is_under_first(&self, value: &[u8]) -> bool {
        let mut head = [0; 3];
        let head = value.get(..4).and_then(|value| {
            let out = base64_simd::AsOut::as_out(&mut head[..]);
            BASE64.decode(value, out).ok()
        });
        let first = self.0.first().map(|key| key.id);
        head.is_some_and(|head| first == head.get(1).copied())
    }

    /// Seals one or two parts under the first key. The result is a cookie's value.
    pub(crate) fn seal(
        &self,
        purpose: Purpose,
        name: &str,
        first: &[u8],
        second: Option<&[u8]>,
    ) -> Result<String, SealError> {
        let key = self.0.first().ok_or(SealError)?;
        let nonce = clock::random::<NONCE>().map_err(|_| SealError)?;
        let length = u16::try_from(first.len() + TAG).map_err(|_| SealError)?;

        let mut sealed = Vec::with_capacity(
            HEADER + first.len() + TAG + second.map_or(0, |part| part.len() + TAG),
        );
        sealed.extend([VERSION, key.id]);
        sealed.extend(length.to_be_bytes());
        sealed.extend(nonce);

        let mut part = first.to_vec();
        key.first(purpose)
            .ok_or(SealError)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(name),
                &mut part,
            )
            .map_err(|_| SealError)?;
        sealed.extend(&part);

        if let Some(second) = second {
            let tag = part.split_off(first.len());
            let mut part = second.to_vec();
            key.tokens
                .seal_in_place_append_tag(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(tag),
                    &mut part,
                )
                .map_err(|_| SealError)?;
            sealed.extend(&part);
        }
        Ok(BASE64.encode_to_string(sealed))
    }

    /// Opens the first part alone; the second is not even decoded. `None` for whatever was not
    /// sealed here, for this purpose, under this name.
    pub(crate) fn open_first(&self, purpose: Purpose, name: &str, value: &[u8]) -> Option<Vec<u8>> {
        let mut head = [0; 6];
        BASE64
            .decode(value.get(..8)?, base64_simd::AsOut::as_out(&mut head[..]))
            .ok()?;
        let [version, id, high, low, _, _] = head;
        if version != VERSION {
            return None;
        }
        let end = HEADER + usize::from(u16::from_be_bytes([high, low]));
        // Whole groups of four characters, so that a cut never falls within one.
        let characters = end.div_ceil(3) * 4;
        let mut sealed = BASE64
            .decode_to_vec(value.get(..characters).unwrap_or(value))
            .ok()?;
        sealed.truncate(end);
        if sealed.len() != end {
            return None;
        }
        let nonce = nonce(&sealed)?;
        let mut candidates = self.0.iter().filter(|key| key.id == id).peekable();
        while let Some(key) = candidates.next() {
            // Opening overwrites; a copy only where another key is left to try.
            let mut copy = candidates.peek().map(|_| sealed.clone());
            let opened = key
                .first(purpose)?
                .open_within(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(name),
                    &mut sealed,
                    HEADER..,
                )
                .map(|plain| plain.len());
            match opened {
                Ok(length) => {
                    sealed.truncate(length);
                    return Some(sealed);
                }
                Err(_) => sealed = copy.take()?,
            }
        }
        None
    }

    /// Opens the second part, which must belong to the first part in the same value.
    pub(crate) fn open_second(&self, value: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = BASE64.decode_to_vec(value).ok()?;
        let &[version, id, high, low, ..] = sealed.as_slice() else {
            return None;
        };
        if version != VERSION {
            return None;
        }
        let nonce = nonce(&sealed)?;
        let end = HEADER + usize::from(u16::from_be_bytes([high, low]));
        let tag: [u8; TAG] = sealed.get(end.checked_sub(TAG)?..end)?.try_into().ok()?;
        let second = sealed.split_off(end);
        self.0.iter().filter(|key| key.id == id).find_map(|key| {
            let mut second = second.clone();
            let length = key
                .tokens
                .open_in_place(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(tag),
                    &mut second,
                )
                .ok()?
                .len();
            second.truncate(length);
            Some(second)
        })
    }
}

fn nonce(sealed: &[u8]) -> Option<[u8; NONCE]> {
    sealed.get(4..HEADER)?.try_into().ok()
}

impl Key {
    fn derive(secret: &SecretString, context: &[&str]) -> Result<Self, SealError> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"authsafe")
            .extract(secret.expose_secret().as_bytes());
        let key = |purpose| derive(&root, purpose, context);
        let info = info("session records", context);
        let records = root.expand(&info, hkdf::HKDF_SHA256);
        let mut id = [0];
        root.expand(&[b"key id"], OneByte)
            .and_then(|okm| okm.fill(&mut id))
            .map_err(|_| SealError)?;
        Ok(Self {
            id: id[0],
            session: key("session")?,
            tokens: key("session tokens")?,
            others: Some(Others {
                transaction: key("transaction")?,
                shared: key("shared state")?,
                ticket: key("ticket")?,
                records: records.map_err(|_| SealError)?.into(),
            }),
        })
    }

    fn first(&self, purpose: Purpose) -> Option<&LessSafeKey> {
        let others = self.others.as_ref();
        match purpose {
            Purpose::Session => Some(&self.session),
            Purpose::Transaction => Some(&others?.transaction),
            Purpose::Shared => Some(&others?.shared),
            Purpose::Ticket => Some(&others?.ticket),
        }
    }
}

fn derive(root: &hkdf::Prk, purpose: &str, context: &[&str]) -> Result<LessSafeKey, SealError> {
    let info = info(purpose, context);
    let key = root.expand(&info, &AES_256_GCM_SIV);
    Ok(LessSafeKey::new(UnboundKey::from(
        key.map_err(|_| SealError)?,
    )))
}

/// Each part ends with a byte that is in none of them.
fn info<'a>(purpose: &'a str, context: &[&'a str]) -> Vec<&'a [u8]> {
    let mut info = vec![&b"cookie format 1"[..], b"\0", purpose.as_bytes()];
    info.extend(
        context
            .iter()
            .flat_map(|part| [&b"\0"[..], part.as_bytes()]),
    );
    info
}

/// The length of a key id, for HKDF.
struct OneByte;

impl hkdf::KeyType for OneByte {
    fn len(&self) -> usize {
        1
    }
}

impl core::fmt::Debug for Keys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Keys(..)")
    }
}

/// A session cookie's value where it lies in a request.
#[derive(Debug, Clone)]
pub(crate) enum Sealed {
    /// In a header, which is shared rather than copied.
    InHeader(HeaderValue, Range<usize>),
    /// Copied, or put together from pieces.
    Joined(Vec<u8>),
}

/// A `Cookie` header, in the types of whichever framework.
pub(crate) trait CookieHeader {
    fn bytes(&self) -> &[u8];

    /// Returns a value that lies there.
    fn sealed(&self, at: Range<usize>) -> Sealed;
}

impl CookieHeader for HeaderValue {
    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn sealed(&self, at: Range<usize>) -> Sealed {
        Sealed::InHeader(self.clone(), at)
    }
}

/// Of a framework whose headers are not those of http 1: the value is copied, and nothing beside it.
impl CookieHeader for [u8] {
    fn bytes(&self) -> &[u8] {
        self
    }

    fn sealed(&self, at: Range<usize>) -> Sealed {
        Sealed::Joined(self.get(at).unwrap_or_default().to_vec())
    }
}

impl Sealed {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::InHeader(header, range) => {
                header.as_bytes().get(range.clone()).unwrap_or_default()
            }
            Self::Joined(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(secrets: &[&str]) -> Keys {
        let secrets: Vec<_> = secrets.iter().map(|&s| SecretString::from(s)).collect();
        Keys::derive(&secrets, &["issuer", "client"]).unwrap()
    }

    fn sealed(keys: &Keys) -> String {
        keys.seal(Purpose::Session, "authsafe", b"who", Some(b"tokens"))
            .unwrap()
    }

    #[test]
    fn what_was_sealed_opens() {
        let keys = keys(&["a"]);
        for first in [&b""[..], b"x", b"xy", b"xyz", &[7; 300]] {
            let value = keys
                .seal(Purpose::Session, "n", first, Some(b"tokens"))
                .unwrap();
            assert_eq!(
                keys.open_first(Purpose::Session, "n", value.as_bytes())
                    .unwrap(),
                first
            );
            assert_eq!(keys.open_second(value.as_bytes()).unwrap(), b"tokens");
        }
    }

    #[test]
    fn another_purpose_name_or_secret_does_not_open() {
        let value = sealed(&keys(&["a"]));
        assert!(
            keys(&["a"])
                .open_first(Purpose::Session, "authsafe", value.as_bytes())
                .is_some()
        );
        assert!(
            keys(&["a"])
                .open_first(Purpose::Transaction, "authsafe", value.as_bytes())
                .is_none()
        );
        assert!(
            keys(&["a"])
                .open_first(Purpose::Session, "other", value.as_bytes())
                .is_none()
        );
        assert!(
            keys(&["b"])
                .open_first(Purpose::Session, "authsafe", value.as_bytes())
                .is_none()
        );
        assert!(keys(&["b"]).open_second(value.as_bytes()).is_none());
    }

    #[test]
    fn the_keys_of_another_context_do_not_open() {
        let value = sealed(&keys(&["a"]));
        for context in [
            &["issuer", "other"][..],
            &["other", "client"],
            &["issuerclient"],
            &[],
        ] {
            let other = Keys::derive(&[SecretString::from("a")], context).unwrap();
            let opened = other.open_first(Purpose::Session, "authsafe", value.as_bytes());
            assert!(opened.is_none(), "{context:?}");
        }
    }

    #[test]
    fn an_older_secret_still_opens_and_a_removed_one_does_not() {
        let value = sealed(&keys(&["old"]));
        assert!(
            keys(&["new", "old"])
                .open_first(Purpose::Session, "authsafe", value.as_bytes())
                .is_some()
        );
        assert!(
            keys(&["new"])
                .open_first(Purpose::Session, "authsafe", value.as_bytes())
                .is_none()
        );
    }

    #[test]
    fn keys_that_share_an_id_are_all_tried() {
        let mut both = keys(&["a", "b"]);
        let value = sealed(&keys(&["b"]));
        both.0[0].id = both.0[1].id;
        assert!(
            both.open_first(Purpose::Session, "authsafe", value.as_bytes())
                .is_some()
        );
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let keys = keys(&["a"]);
        let bytes = BASE64.decode_to_vec(sealed(&keys)).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let value = BASE64.encode_to_string(&changed);
            let whole = keys
                .open_first(Purpose::Session, "authsafe", value.as_bytes())
                .is_some()
                && keys.open_second(value.as_bytes()).is_some();
            assert!(!whole, "byte {at}");
        }
    }

    #[test]
    fn no_cut_value_opens() {
        let keys = keys(&["a"]);
        let value = keys.seal(Purpose::Session, "n", b"who", None).unwrap();
        for length in 0..value.len() {
            assert!(
                keys.open_first(Purpose::Session, "n", &value.as_bytes()[..length])
                    .is_none(),
                "{length}"
            );
        }
    }

    #[test]
    fn parts_of_two_sessions_do_not_mix() {
        let keys = keys(&["a"]);
        let one = BASE64.decode_to_vec(sealed(&keys)).unwrap();
        let two = BASE64.decode_to_vec(sealed(&keys)).unwrap();
        let end = HEADER + 3 + TAG;
        let mixed = BASE64.encode_to_string([&one[..end], &two[end..]].concat());
        assert!(
            keys.open_first(Purpose::Session, "authsafe", mixed.as_bytes())
                .is_some()
        );
        assert!(keys.open_second(mixed.as_bytes()).is_none());
    }

    #[test]
    fn equal_contents_seal_to_different_values() {
        let keys = keys(&["a"]);
        assert_ne!(sealed(&keys), sealed(&keys));
    }

    #[test]
    fn a_record_opens_with_both_the_secret_and_its_own_key() {
        let record = |keys: &Keys, own: &[u8]| keys.of_record(own).unwrap();
        let app = keys(&["a"]);
        let value = sealed(&record(&app, b"own"));
        let opens = |keys: &Keys| {
            let first = keys.open_first(Purpose::Session, "authsafe", value.as_bytes());
            (
                first.is_some(),
                keys.open_second(value.as_bytes()).is_some(),
            )
        };
        assert_eq!(opens(&record(&app, b"own")), (true, true));
        assert_eq!(opens(&record(&keys(&["new", "a"]), b"own")), (true, true));
        assert_eq!(opens(&app), (false, false));
        assert_eq!(opens(&record(&app, b"other")), (false, false));
        assert_eq!(opens(&record(&keys(&["b"]), b"own")), (false, false));
    }

    #[test]
    fn the_keys_of_a_record_are_for_nothing_else() {
        let record = keys(&["a"]).of_record(b"own").unwrap();
        for purpose in [Purpose::Transaction, Purpose::Shared, Purpose::Ticket] {
            assert!(record.seal(purpose, "n", b"", None).is_err(), "{purpose:?}");
        }
        assert!(record.of_record(b"own").is_err());
    }

    #[test]
    fn what_is_sealed_under_an_older_secret_is_told_apart() {
        let value = sealed(&keys(&["old"]));
        assert!(keys(&["old", "older"]).is_under_first(value.as_bytes()));
        assert!(!keys(&["new", "old"]).is_under_first(value.as_bytes()));
        assert!(!keys(&["new"]).is_under_first(b""));
    }

    #[test]
    fn keys_do_not_print() {
        assert_eq!(format!("{:?}", keys(&["a"])), "Keys(..)");
    }
}
