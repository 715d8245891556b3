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
            text::Reason::PublicHttp => {
                "must be https; http is for localhost, names below it and private addresses only"
            }
            text::Reason::Scheme => "must be an https URL",
            text::Reason::UserInfo => "must not hold a user name or a password",
            text::Reason::Query | text::Reason::Fragment => "must not have a query or a fragment",
            text::Reason::HasPath | text::Reason::PathOfApp => {
                "must not have a path: set `base_path` instead"
            }
            text::Reason::Port => "has a port that is no number from 1 to 65535",
            text::Reason::Host => "has a host that is no host name",
            text::Reason::NoAddress => "is not the address of a proxy or of a network of them",
            text::Reason::Mapped => "is an IPv4 address in IPv6's form",
            text::Reason::Prefix(_) | text::Reason::Everybody => {
                "has a prefix that is none, or that is everybody"
            }
            text::Reason::BeyondPrefix(_) => "has an address that says more than its prefix",
            _ => "is not a URL: write it like `https://example.com`",
        })
    }
}
