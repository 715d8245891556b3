//! A session's tokens, the second part of what is sealed.

use std::sync::Arc;

use super::identity::TooLarge;
use super::seal::{Keys, Sealed};
use crate::types::{Token, Tokens};

/// The tokens: sealed until someone asks.
pub(crate) enum SessionTokens {
    Open(Tokens),
    Sealed(Sealed, Arc<Keys>),
}

impl SessionTokens {
    /// The tokens, decrypted now.
    pub(super) fn open(&self) -> Option<Tokens> {
        match self {
            Self::Open(tokens) => Some(tokens.clone()),
            Self::Sealed(sealed, keys) => decode_tokens(&keys.open_second(sealed.as_bytes())?),
        }
    }
}

/// The tokens as a second part: the length of each, then their texts. An absent one is empty.
pub(crate) fn encode_tokens(tokens: &Tokens) -> Result<Vec<u8>, TooLarge> {
    let texts = [
        tokens.access.expose_secret(),
        tokens.refresh.as_ref().map_or("", Token::expose_secret),
        tokens.id.as_ref().map_or("", Token::expose_secret),
    ];
    let mut bytes = Vec::with_capacity(6 + texts.iter().map(|text| text.len()).sum::<usize>());
    for text in texts {
        bytes.extend(
            u16::try_from(text.len())
                .map_err(|_| TooLarge)?
                .to_be_bytes(),
        );
    }
    for text in texts {
        bytes.extend(text.as_bytes());
    }
    Ok(bytes)
}

fn decode_tokens(mut bytes: &[u8]) -> Option<Tokens> {
    let lengths: [[u8; 2]; 3] = [take(&mut bytes)?, take(&mut bytes)?, take(&mut bytes)?];
    let [access, refresh, id] = lengths.map(|length| {
        let (text, rest) = bytes.split_at_checked(usize::from(u16::from_be_bytes(length)))?;
        bytes = rest;
        core::str::from_utf8(text).ok()
    });
    let token = |text: &str| (!text.is_empty()).then(|| Token::new(text));
    Some(Tokens {
        access: token(access?)?,
        refresh: token(refresh?),
        id: token(id?),
    })
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_back() {
        let tokens = Tokens {
            access: Token::new("at"),
            refresh: None,
            id: Some(Token::new("idt")),
        };
        let read = decode_tokens(&encode_tokens(&tokens).unwrap()).unwrap();
        assert_eq!(read.access.expose_secret(), "at");
        assert!(read.refresh.is_none());
        assert_eq!(read.id.unwrap().expose_secret(), "idt");
    }
}
