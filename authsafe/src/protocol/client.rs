//! What an app is at its provider (RFC 6749 §2), and what that is found by.

use core::time::Duration;

use jsonwebtoken::Algorithm;
use secrecy::SecretString;

use super::claim_paths::ClaimPaths;
use super::client_auth::{ClientAuth, Method};
use super::discovery::Overrides;
use crate::types::{Http, Issuer, Scopes, Subjects, Tenants, TokenIssuer};

/// A client's registration at one provider.
#[derive(Debug)]
pub(crate) struct ClientRegistration {
    pub(crate) id: String,
    /// The client secret; a public client has none (RFC 6749 §2.1).
    pub(crate) secret: Option<SecretString>,
    /// How the secret goes to the provider.
    pub(crate) client_auth: ClientAuth,
    pub(crate) redirect_uri: String,
    /// The scopes that it asks for.
    pub(crate) scopes: Scopes,
    /// The place of the provider's discovery document, and of AuthSafe's fixed paths.
    pub(crate) domain: Issuer,
    /// The issuer of its tokens.
    pub(crate) issuer: Issuer,
    /// The issuer as the attribute names it besides the domain.
    pub(crate) named_issuer: Option<String>,
    /// Whose users may sign in, where the provider has many tenants.
    pub(crate) tenants: Tenants,
    /// Where the provider may be on plain http.
    pub(crate) http: Http,
    /// How far the provider's clock and ours may differ.
    pub(crate) leeway: Duration,
    /// The way in which the provider spells the `sub` of its users.
    pub(crate) subjects: Subjects,
    pub(crate) endpoints: Overrides,
    /// The algorithms that its tokens may be signed by. `None`: all that are safe.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    /// Where the claims of its users lie.
    pub(crate) claims: ClaimPaths,
    /// Whether AuthSafe's fixed paths are at `domain`, where that serves no document.
    pub(crate) has_fixed_paths: bool,
}

impl ClientRegistration {
    /// Returns the way in which it says who it is, of one that the provider offers or has taken.
    pub(crate) fn method(&self, offered: Method) -> Method {
        match self.client_auth {
            ClientAuth::Basic => Method::Basic,
            ClientAuth::Post => Method::Post,
            // AuthSafe's own server takes no other.
            ClientAuth::Auto if self.has_fixed_paths => Method::Post,
            ClientAuth::Auto => offered,
        }
    }

    /// Returns whether the other way may be tried where one is refused.
    pub(crate) fn may_try_the_other(&self) -> bool {
        self.client_auth == ClientAuth::Auto && !self.has_fixed_paths && self.secret.is_some()
    }

    /// Returns the issuer of tokens where no document names it.
    pub(crate) fn undiscovered_issuer(&self) -> TokenIssuer {
        match &self.named_issuer {
            Some(named) => TokenIssuer::Named(named.clone()),
            None => TokenIssuer::Domain(self.issuer.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing;

    #[test]
    fn the_way_to_say_who_it_is_is_the_written_one_or_the_providers_and_authsafe_takes_but_one() {
        let mut client = testing::client("app", "https://id.example");
        for (written, has_fixed_paths, offered, used) in [
            (ClientAuth::Basic, false, Method::Post, Method::Basic),
            (ClientAuth::Post, false, Method::Basic, Method::Post),
            (ClientAuth::Auto, false, Method::Basic, Method::Basic),
            (ClientAuth::Auto, false, Method::Post, Method::Post),
            (ClientAuth::Auto, true, Method::Basic, Method::Post),
            (ClientAuth::Basic, true, Method::Post, Method::Basic),
        ] {
            (client.client_auth, client.has_fixed_paths) = (written, has_fixed_paths);
            assert_eq!(client.method(offered), used, "{written:?} {offered:?}");
        }
    }

    #[test]
    fn the_other_way_is_tried_where_none_is_written_and_there_is_a_secret_to_show() {
        let mut client = testing::client("app", "https://id.example");
        assert!(client.may_try_the_other());
        client.has_fixed_paths = true;
        assert!(!client.may_try_the_other());
        client.has_fixed_paths = false;
        client.client_auth = ClientAuth::Post;
        assert!(!client.may_try_the_other());
        client.client_auth = ClientAuth::Auto;
        client.secret = None;
        assert!(!client.may_try_the_other());
    }
}
