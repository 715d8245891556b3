//! A session's tokens, the second part of what is sealed:
//!
//! ```text
//! 0 0 | access token | refresh token | ID token
//! token = number of parts 1 | [ length 2 | part ]*
//! ```
//!
//! The parts of a JWT are base64url, and so is all of what is sealed: twice would be a third longer. So each
//! part lies there decoded. A token that would not come back to the byte lies there as it is, one text of no
//! parts. Before, it was the lengths of the three texts, 2 bytes each, then the texts; an access token was
//! never empty.

use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD as BASE64;

use super::identity::TooLarge;
use super::seal::{Keys, Sealed};
use crate::types::{Token, Tokens};

/// What tokens begin with whose parts are decoded.
const UNPACKED: [u8; 2] = [0, 0];
/// The number of parts of a token that lies there as it is.
const AS_TEXT: u8 = 0;

/// Those of the provider's tokens that a session keeps.
#[derive(Clone)]
pub(crate) struct KeptTokens {
    pub(crate) access: Option<Token>,
    pub(crate) refresh: Option<Token>,
    pub(crate) id: Option<Token>,
}

impl From<Tokens> for KeptTokens {
    fn from(tokens: Tokens) -> Self {
        Self {
            access: Some(tokens.access),
            refresh: tokens.refresh,
            id: tokens.id,
        }
    }
}

/// The tokens: sealed until someone asks.
pub(crate) enum SessionTokens {
    Open(KeptTokens),
    Sealed(Sealed, Arc<Keys>),
}

impl SessionTokens {
    /// Returns whether they are this access token, as a request showed it.
    pub(super) fn are_of(&self, access_token: &str) -> bool {
        match self {
            Self::Open(KeptTokens {
                access: Some(access),
                ..
            }) => access.expose_secret() == access_token,
            _ => false,
        }
    }

    /// The tokens, decrypted now.
    pub(super) fn open(&self) -> Option<KeptTokens> {
        match self {
            Self::Open(tokens) => Some(tokens.clone()),
            Self::Sealed(sealed, keys) => decode_tokens(&keys.open_second(sealed.as_bytes())?),
        }
    }
}

/// The tokens as a second part. An absent one is empty.
pub(crate) fn encode_tokens(tokens: &KeptTokens) -> Result<Vec<u8>, TooLarge> {
    let texts = [&tokens.access, &tokens.refresh, &tokens.id]
        .map(|token| token.as_ref().map_or("", Token::expose_secret));
    let mut bytes = Vec::with_capacity(64 + texts.iter().map(|text| text.len()).sum::<usize>());
    bytes.extend(UNPACKED);
    for text in texts {
        encode_token(text, &mut bytes)?;
    }
    Ok(bytes)
}

fn encode_token(text: &str, bytes: &mut Vec<u8>) -> Result<(), TooLarge> {
    // What is padded, or has bits at its end that mean nothing, does not decode.
    let decode = |part| BASE64.decode_to_vec(part);
    let parts: Result<Vec<_>, _> = text.split('.').map(decode).collect();
    let parts = parts.unwrap_or_default();
    let (count, parts) = match u8::try_from(parts.len()) {
        Ok(count) if count != AS_TEXT => (count, parts),
        _ => (AS_TEXT, vec![text.as_bytes().to_vec()]),
    };
    bytes.push(count);
    for part in parts {
        let length = u16::try_from(part.len()).map_err(|_| TooLarge)?;
        bytes.extend(length.to_be_bytes());
        bytes.extend(part);
    }
    Ok(())
}

fn decode_tokens(bytes: &[u8]) -> Option<KeptTokens> {
    let [access, refresh, id] = match bytes.strip_prefix(&UNPACKED) {
        Some(mut bytes) => {
            let texts = [(); 3].map(|()| decode_token(&mut bytes));
            texts.map(|text| text.filter(|_| bytes.is_empty()))
        }
        None => decode_texts(bytes),
    };
    let token = |text: String| (!text.is_empty()).then(|| Token::new(text));
    Some(KeptTokens {
        access: token(access?),
        refresh: token(refresh?),
        id: token(id?),
    })
}

fn decode_token(bytes: &mut &[u8]) -> Option<String> {
    let [count] = take(bytes)?;
    if count == AS_TEXT {
        return String::from_utf8(take_part(bytes)?.to_vec()).ok();
    }
    let mut text = String::new();
    for at in 0..count {
        if at > 0 {
            text.push('.');
        }
        BASE64.encode_append(take_part(bytes)?, &mut text);
    }
    Some(text)
}

/// Reads what was written before tokens were unpacked.
fn decode_texts(mut bytes: &[u8]) -> [Option<String>; 3] {
    let lengths: [Option<[u8; 2]>; 3] = [(); 3].map(|()| take(&mut bytes));
    let texts = lengths.map(|length| {
        let (text, rest) = bytes.split_at_checked(usize::from(u16::from_be_bytes(length?)))?;
        bytes = rest;
        String::from_utf8(text.to_vec()).ok()
    });
    texts.map(|text| text.filter(|_| bytes.is_empty()))
}

fn take_part<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = u16::from_be_bytes(take(bytes)?);
    let (part, rest) = bytes.split_at_checked(usize::from(length))?;
    *bytes = rest;
    Some(part)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(access: &str) -> KeptTokens {
        KeptTokens {
            access: Some(Token::new(access)),
            refresh: None,
            id: None,
        }
    }

    #[test]
    fn tokens_are_read_back() {
        let tokens = KeptTokens {
            id: Some(Token::new("idt")),
            ..of("at")
        };
        let read = decode_tokens(&encode_tokens(&tokens).unwrap()).unwrap();
        assert_eq!(read.access.unwrap().expose_secret(), "at");
        assert!(read.refresh.is_none());
        assert_eq!(read.id.unwrap().expose_secret(), "idt");
    }

    #[test]
    fn any_token_comes_back_to_the_byte() {
        // Base64url; then with bits at its end that mean nothing, padded, with other characters, of a length that
        // it never has, and nothing.
        let parts = [
            "eyJhbGciOiJFUzI1NiJ9",
            "QQ",
            "-_-_",
            "QR",
            "QQ==",
            "Ä+",
            "A",
            "",
        ];
        for at in 0..8_usize.pow(5) {
            let chosen = [0, 3, 6, 9, 12].map(|bits| parts[(at >> bits) % 8]);
            for count in 1..=5 {
                let text = chosen[..count].join(".");
                let read = decode_tokens(&encode_tokens(&of(&text)).unwrap());
                let read = read.unwrap().access.map(|it| it.expose_secret().to_owned());
                assert_eq!(read, Some(text).filter(|it| !it.is_empty()));
            }
        }
        for text in [
            &".".repeat(254),
            &".".repeat(255),
            &"A.".repeat(300),
            &"QUJD".repeat(10_000),
        ] {
            let read = decode_tokens(&encode_tokens(&of(text)).unwrap()).unwrap();
            assert_eq!(read.access.unwrap().expose_secret(), text);
        }
    }

    #[test]
    fn a_jwt_takes_as_many_bytes_as_are_encoded_in_it() {
        let jwt = [&*"QUJD".repeat(100); 3].join(".");
        let (jwt, none) = (encode_tokens(&of(&jwt)), encode_tokens(&of("")));
        assert_eq!(jwt.unwrap().len(), none.unwrap().len() + 3 * 300 + 2 * 2);
    }

    #[test]
    fn no_cut_or_stretched_tokens_are_read() {
        let unpacked = KeptTokens {
            refresh: Some(Token::new("an opaque one")),
            ..of("QUJD.QQ.QUI")
        };
        let before = b"\0\x05\0\0\0\x02token".to_vec();
        let before = [&before[..], b"id"].concat();
        assert_eq!(
            decode_tokens(&before).unwrap().id.unwrap().expose_secret(),
            "id"
        );
        for bytes in [encode_tokens(&unpacked).unwrap(), before] {
            for length in 0..bytes.len() {
                assert!(decode_tokens(&bytes[..length]).is_none(), "{length}");
            }
            assert!(decode_tokens(&[&bytes[..], &[0]].concat()).is_none());
        }
        assert!(decode_tokens(&[0, 0, 0, 0, 1, 0xff, 0, 0, 0, 0, 0, 0]).is_none());
    }
}
