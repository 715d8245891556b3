//! Tokens that the provider gave.

use core::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A token of the provider. `Debug` does not show its content, and its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// Returns the text of the token. Whoever has it can act as the user: never log it.
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
    /// The access token, for calls to APIs in the user's name (RFC 6749 §1.4).
    pub access: Token,
    /// The refresh token, for new tokens (RFC 6749 §1.5). There is one if the provider gave one: most do for the scope
    /// `offline_access`, some always.
    pub refresh: Option<Token>,
    /// The ID token, in which the provider describes the sign-in (OpenID Connect Core §2).
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
