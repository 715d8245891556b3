//! What is wrong with a text.

use authsafe_rules::text;

/// The reason that a text is not what it should be; ends a sentence that begins with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Reason(pub &'static str);

impl From<text::Reason> for Reason {
    fn from(reason: text::Reason) -> Self {
        Self(match reason {
            text::Reason::Http => "must be https; http is for localhost only",
            text::Reason::Scheme => "must be an https URL",
            text::Reason::UserInfo => "must not hold a user name or a password",
            text::Reason::Query | text::Reason::Fragment => "must not have a query or a fragment",
            text::Reason::Port => "has a port that is no number from 1 to 65535",
            text::Reason::Host => "has a host that is no host name",
            _ => "is not a URL: write it like `https://example.com`",
        })
    }
}
