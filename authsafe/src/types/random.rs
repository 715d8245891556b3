//! What a sign-in makes at random: 32 bytes as 43 characters of base64url, which nobody can guess.

use core::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64_simd::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

/// The length of one, in bytes.
pub(crate) const RANDOM_LEN: usize = 43;

macro_rules! random_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub(crate) struct $name(SecretString);

        impl $name {
            /// Makes one of 32 random bytes.
            pub(crate) fn new(bytes: [u8; 32]) -> Self {
                Self(URL_SAFE_NO_PAD.encode_to_string(bytes).into())
            }

            /// Takes one that was made before, or that somebody says was.
            pub(crate) fn read(text: impl Into<String>) -> Self {
                Self(SecretString::from(text.into()))
            }

            pub(crate) fn expose_secret(&self) -> &str {
                self.0.expose_secret()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

random_text! {
    /// The text that binds the authorization response to the browser (`state`, RFC 6749 §10.12).
    State
}

random_text! {
    /// The text that binds the ID token to the sign-in (`nonce`, OpenID Connect Core §3.1.2.1).
    Nonce
}

random_text! {
    /// The text that binds the code to the sign-in (`code_verifier`, RFC 7636 §4.1).
    CodeVerifier
}

/// The end of the state of a sign-in that began by itself, after a callback of none.
const AGAIN: char = '.';

impl State {
    /// Makes one of 32 random bytes that says that its sign-in is a second try.
    pub(crate) fn again(bytes: [u8; 32]) -> Self {
        let mut text = URL_SAFE_NO_PAD.encode_to_string(bytes);
        text.push(AGAIN);
        Self(text.into())
    }

    /// Returns whether it says so. Anybody may: it grants nothing, and keeps nobody going round.
    pub(crate) fn is_again(&self) -> bool {
        self.expose_secret().ends_with(AGAIN)
    }

    /// Returns whether it may be one of a sign-in that is over: it looks like one.
    pub(crate) fn looks_like_ours(&self) -> bool {
        let text = self.expose_secret();
        let text = text.strip_suffix(AGAIN).unwrap_or(text);
        let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        text.len() == RANDOM_LEN && text.bytes().all(is_ours)
    }

    /// Returns whether the two are one, in constant time.
    pub(crate) fn is(&self, other: &Self) -> bool {
        are_equal(self.expose_secret(), other.expose_secret())
    }
}

impl Nonce {
    /// Returns whether this is what a token claims, in constant time.
    pub(crate) fn is(&self, claimed: &str) -> bool {
        are_equal(self.expose_secret(), claimed)
    }
}

fn are_equal(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_43_characters_and_does_not_print() {
        let state = State::new([7; 32]);
        assert_eq!(state.expose_secret().len(), RANDOM_LEN);
        assert_eq!(format!("{state:?}"), "State(..)");
        assert_eq!(format!("{:?}", Nonce::read("n")), "Nonce(..)");
        let verifier = CodeVerifier::read("v");
        assert_eq!(format!("{verifier:?}"), "CodeVerifier(..)");
    }

    #[test]
    fn one_is_itself_and_no_other() {
        assert!(State::read("a").is(&State::read("a")) && Nonce::read("a").is("a"));
        assert!(!State::read("a").is(&State::read("b")) && !Nonce::read("a").is("ab"));
    }
}
