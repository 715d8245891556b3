//! What an app is at its provider (RFC 6749 §2), and what that is found by.

use secrecy::{ExposeSecret, SecretString};

use super::discovery::Overrides;
use crate::types::{Issuer, Scopes, Subjects};

/// A client's registration at one provider.
#[derive(Debug)]
pub(crate) struct ClientRegistration {
    pub(crate) id: String,
    /// `None`: a public client (RFC 6749 §2.1).
    pub(crate) secret: Option<SecretString>,
    pub(crate) redirect_uri: String,
    /// Those that it asks for.
    pub(crate) scopes: Scopes,
    /// Where the provider is: its discovery document, and AuthSafe's fixed paths.
    pub(crate) domain: Issuer,
    /// Who its tokens are from.
    pub(crate) issuer: Issuer,
    /// How it spells the `sub` of its users.
    pub(crate) subjects: Subjects,
    pub(crate) endpoints: Overrides,
    /// Whether AuthSafe's fixed paths are at `domain`, where that serves no document.
    pub(crate) has_fixed_paths: bool,
}

impl ClientRegistration {
    /// The parameters by which a client says who it is (RFC 6749 §2.3.1): in the body, as AuthSafe
    /// takes them.
    pub(crate) fn credentials(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let secret = self.secret.as_ref().map(ExposeSecret::expose_secret);
        let id = ("client_id", self.id.as_str());
        core::iter::once(id).chain(secret.map(|it| ("client_secret", it)))
    }
}
