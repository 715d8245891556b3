//! The kinds of values that claims have.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::clock::UnixSeconds;

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

/// Returns whether it is true: a boolean, or a text that says one, as some providers have it.
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => *truth,
        Value::String(text) => text == "true",
        _ => false,
    }
}

/// Reads a claim that may be left out. `Err`: it is of another type, and is.
pub(crate) fn optional<T: DeserializeOwned>(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<T>, &'static str> {
    let value = claims.get(name).filter(|value| !value.is_null());
    value.map_or(Ok(None), |value| {
        T::deserialize(value).map(Some).map_err(|_| name)
    })
}

/// One text or a list of them, as `aud` is (RFC 7519 §4.1.3).
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
}
