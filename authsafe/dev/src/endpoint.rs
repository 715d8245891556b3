//! The endpoints, by name and by path.

/// An endpoint of the local provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// `/auth/authorize`
    Authorize,
    /// `/auth/token`
    Token,
    /// `/auth/jwks`
    Jwks,
    /// `/auth/userinfo`
    UserInfo,
    /// `/auth/revoke`
    Revoke,
    /// `/auth/introspect`
    Introspect,
    /// `/auth/logout`
    Logout,
}

impl Endpoint {
    pub(super) const ALL: [Self; 8] = [
        Self::Discovery,
        Self::Authorize,
        Self::Token,
        Self::Jwks,
        Self::UserInfo,
        Self::Revoke,
        Self::Introspect,
        Self::Logout,
    ];

    /// Returns the endpoint's path under the issuer.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/openid-configuration",
            Self::Authorize => "/auth/authorize",
            Self::Token => "/auth/token",
            Self::Jwks => "/auth/jwks",
            Self::UserInfo => "/auth/userinfo",
            Self::Revoke => "/auth/revoke",
            Self::Introspect => "/auth/introspect",
            Self::Logout => "/auth/logout",
        }
    }

    pub(super) fn at(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|endpoint| endpoint.path() == path)
    }
}
