//! Tokens that the provider gave.

use core::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A token that the provider gave: no `Debug` of its content, wiped when dropped.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// Returns the token itself. Whoever holds it may act as the user: never log it.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The tokens of a session.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// For calls to APIs in the user's name (RFC 6749 §1.4).
    pub access: Token,
    /// For new tokens, where `offline_access` was granted (RFC 6749 §1.5).
    pub refresh: Option<Token>,
    /// What the provider said of the sign-in (OpenID Connect Core §2).
    pub id: Option<Token>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_print() {
        assert_eq!(format!("{:?}", Token::new("s3cr3t")), "Token(..)");
    }
}
