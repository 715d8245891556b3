//! The kinds of values that claims have.

use serde::Deserialize;

use crate::clock::UnixSeconds;
use crate::types::Scopes;

/// How far the provider's clock and ours may differ in tests.
#[cfg(test)]
pub(crate) const LEEWAY: core::time::Duration = core::time::Duration::from_secs(60);

/// Seconds, perhaps with a fraction (RFC 7519 §2).
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct NumericDate(f64);

impl NumericDate {
    pub(crate) fn seconds(self) -> UnixSeconds {
        // A float turns into the nearest integer; what is negative or no number, into 0.
        self.0 as UnixSeconds
    }
}

/// A boolean, or a text that says one, as some providers have it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Truth {
    Bool(bool),
    Text(String),
    Other(serde::de::IgnoredAny),
}

impl Truth {
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Bool(truth) => *truth,
            Self::Text(text) => text == "true",
            Self::Other(_) => false,
        }
    }
}

/// One text or a list of them, as `aud` is (RFC 7519 §4.1.3) and AuthSafe's `scope` and `roles`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Names {
    One(String),
    Many(Vec<String>),
}

impl Names {
    pub(crate) fn contains(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Many(many) => many.iter().any(|it| it == name),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(many) => many.len(),
        }
    }

    /// Reads roles or permissions: a text is one name, which may hold spaces.
    pub(crate) fn whole(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }

    /// Reads scopes: a text is a list with spaces between (RFC 6749 §3.3).
    pub(crate) fn scopes(self) -> Scopes {
        match self {
            Self::One(one) => Scopes::parse(&one),
            Self::Many(many) => many.into_iter().collect(),
        }
    }
}
