//! The provider's metadata (OpenID Connect Discovery §3, RFC 8414 §2).

use jsonwebtoken::Algorithm;
use serde::Deserialize;
use url::Url;

use super::jwks::ALGORITHMS;
use crate::types::{Issuer, Reason, web_url};

/// Returns the URL of the document (OpenID Connect Discovery §4).
pub(crate) fn document_url(domain: &Issuer) -> String {
    format!("{}/.well-known/openid-configuration", domain.as_str())
}

/// The document, as far as it is read.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Document {
    pub(crate) issuer: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    jwks_uri: Option<String>,
    userinfo_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    code_challenge_methods_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// The endpoints that were set by hand; they win over the document's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides {
    pub(crate) authorization: Option<Url>,
    pub(crate) token: Option<Url>,
    pub(crate) jwks: Option<Url>,
    pub(crate) userinfo: Option<Url>,
    pub(crate) revocation: Option<Url>,
    pub(crate) introspection: Option<Url>,
    pub(crate) end_session: Option<Url>,
}

impl Overrides {
    /// Returns whether nothing is left to discover.
    pub(crate) fn are_complete(&self) -> bool {
        self.authorization.is_some() && self.token.is_some() && self.jwks.is_some()
    }
}

/// The checked metadata of a provider.
#[derive(Debug, Clone)]
pub(crate) struct Metadata {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) jwks: Url,
    pub(crate) revocation: Option<Url>,
    pub(crate) introspection: Option<Url>,
    pub(crate) end_session: Option<Url>,
    /// The algorithms of its ID tokens that are accepted.
    pub(crate) algorithms: Vec<Algorithm>,
    /// Whether it puts `iss` into each authorization response (RFC 9207 §3).
    pub(crate) sends_iss: bool,
}

/// A reason that a provider cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Wrong {
    #[error("what it serves at `/.well-known/openid-configuration` is no discovery document")]
    Garbled,
    #[error("its discovery document names another issuer, `{0}`: write that one, if it is yours")]
    Issuer(String),
    #[error("its discovery document names no {0}: set it by hand with `endpoints(...)`")]
    Missing(&'static str),
    #[error(
        "`{0}` is not there (404), so nothing says where its endpoints are: if `domain` is the issuer \
         as its tokens name it, write them by hand, `endpoints(authorization = \"...\", token = \"...\", \
         jwks = \"...\")`, or `endpoints(authsafe)` if it is AuthSafe under a domain of yours"
    )]
    NoDocument(String),
    #[error("its {0} {1}")]
    Url(&'static str, Reason),
    #[error("its {0} is `{1}`: what an https issuer names has to be https, or be set by hand")]
    Insecure(&'static str, String),
    #[error("it does not offer PKCE with S256 (RFC 7636), which sign-in needs")]
    NoS256,
    #[error("it signs ID tokens with none of the accepted algorithms (RS256 and better)")]
    NoAlgorithm,
}

impl Metadata {
    /// Takes what was set by hand, where that is enough; an endpoint that was not is not called.
    pub(crate) fn by_hand(issuer: &Issuer, by_hand: &Overrides) -> Result<Self, Vec<Wrong>> {
        let document = Document {
            issuer: Some(issuer.as_str().to_owned()),
            ..Document::default()
        };
        Self::check(document, issuer, by_hand)
    }

    /// Takes AuthSafe's fixed paths, for a domain of AuthSafe's that serves no document.
    pub(crate) fn authsafe(
        domain: &Issuer,
        issuer: &Issuer,
        by_hand: &Overrides,
    ) -> Result<Self, Vec<Wrong>> {
        let path = |path: &str| Some(format!("{}/auth/{path}", domain.as_str()));
        // Tokens of an endpoint that was set by hand are shown to nobody whom nobody named.
        let beside_token = |name| match by_hand.token {
            None => path(name),
            Some(_) => None,
        };
        let document = Document {
            issuer: Some(issuer.as_str().to_owned()),
            authorization_endpoint: path("authorize"),
            token_endpoint: path("token"),
            jwks_uri: path("jwks"),
            userinfo_endpoint: beside_token("userinfo"),
            revocation_endpoint: beside_token("revoke"),
            introspection_endpoint: beside_token("introspect"),
            ..Document::default()
        };
        Self::check(document, issuer, by_hand)
    }

    /// Returns the endpoints that are called or that browsers are sent to, by name.
    #[cfg(feature = "cli")]
    pub(crate) fn endpoints(&self) -> [(&'static str, Option<&Url>); 6] {
        [
            ("authorization endpoint", Some(&self.authorization)),
            ("token endpoint", Some(&self.token)),
            ("JWKS URI", Some(&self.jwks)),
            ("revocation endpoint", self.revocation.as_ref()),
            ("introspection endpoint", self.introspection.as_ref()),
            ("end-session endpoint", self.end_session.as_ref()),
        ]
    }

    /// Checks a document, and reports everything that is wrong with it.
    pub(crate) fn check(
        document: Document,
        issuer: &Issuer,
        by_hand: &Overrides,
    ) -> Result<Self, Vec<Wrong>> {
        let mut checks = Checks::new(issuer);
        checks.issuer(document.issuer.as_deref());
        let authorization = checks.required(
            "authorization endpoint",
            by_hand.authorization.as_ref(),
            document.authorization_endpoint,
        );
        let token = checks.required(
            "token endpoint",
            by_hand.token.as_ref(),
            document.token_endpoint,
        );
        let jwks = checks.required("JWKS URI", by_hand.jwks.as_ref(), document.jwks_uri);
        checks.endpoint(
            "userinfo endpoint",
            by_hand.userinfo.as_ref(),
            document.userinfo_endpoint,
        );
        let revocation = checks.endpoint(
            "revocation endpoint",
            by_hand.revocation.as_ref(),
            document.revocation_endpoint,
        );
        let introspection = checks.endpoint(
            "introspection endpoint",
            by_hand.introspection.as_ref(),
            document.introspection_endpoint,
        );
        let end_session = checks.endpoint(
            "end-session endpoint",
            by_hand.end_session.as_ref(),
            document.end_session_endpoint,
        );
        checks.pkce(document.code_challenge_methods_supported.as_deref());
        let algorithms =
            checks.algorithms(document.id_token_signing_alg_values_supported.as_deref());
        match (authorization, token, jwks) {
            (Some(authorization), Some(token), Some(jwks)) if checks.wrong.is_empty() => Ok(Self {
                authorization,
                token,
                jwks,
                revocation,
                introspection,
                end_session,
                algorithms,
                sends_iss: document.authorization_response_iss_parameter_supported,
            }),
            _ => Err(checks.wrong),
        }
    }
}

/// The checks of a document, and what they have found wrong.
struct Checks<'a> {
    issuer: &'a Issuer,
    wrong: Vec<Wrong>,
}

impl<'a> Checks<'a> {
    fn new(issuer: &'a Issuer) -> Self {
        let wrong = Vec::new();
        Self { issuer, wrong }
    }

    /// Checks the issuer (OpenID Connect Discovery §4.3).
    fn issuer(&mut self, named: Option<&str>) {
        match named {
            Some(named) if self.issuer.is(named) => {}
            Some(named) => self.wrong.push(Wrong::Issuer(cut(named))),
            None => self.wrong.push(Wrong::Missing("`issuer`")),
        }
    }

    /// Checks an endpoint that sign-in cannot do without.
    fn required(
        &mut self,
        name: &'static str,
        by_hand: Option<&Url>,
        discovered: Option<String>,
    ) -> Option<Url> {
        if by_hand.is_none() && discovered.is_none() {
            self.wrong.push(Wrong::Missing(name));
        }
        self.endpoint(name, by_hand, discovered)
    }

    /// Checks an endpoint. The one that was set by hand wins, and is checked already.
    fn endpoint(
        &mut self,
        name: &'static str,
        by_hand: Option<&Url>,
        discovered: Option<String>,
    ) -> Option<Url> {
        if let Some(by_hand) = by_hand {
            return Some(by_hand.clone());
        }
        match endpoint_url(&discovered?) {
            // On the loopback too: the client secret would go to whoever listens there.
            Ok(url) if self.issuer.is_https() && url.scheme() != "https" => {
                self.wrong.push(Wrong::Insecure(name, cut(url.as_str())));
                None
            }
            Ok(url) => Some(url),
            Err(reason) => {
                self.wrong.push(Wrong::Url(name, reason));
                None
            }
        }
    }

    /// Checks that S256 is offered (RFC 7636 §4.2), where the document says what is.
    fn pkce(&mut self, offered: Option<&[String]>) {
        if offered.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            self.wrong.push(Wrong::NoS256);
        }
    }

    /// Returns the algorithms of ID tokens that are offered and accepted.
    fn algorithms(&mut self, offered: Option<&[String]>) -> Vec<Algorithm> {
        let algorithms = algorithms(offered);
        if algorithms.is_empty() {
            self.wrong.push(Wrong::NoAlgorithm);
        }
        algorithms
    }
}

/// Cuts what the provider wrote to what a message can bear.
fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}

/// Returns RS256 where it is offered, as every OpenID provider must; else what is offered and accepted.
fn algorithms(offered: Option<&[String]>) -> Vec<Algorithm> {
    let Some(offered) = offered else {
        return vec![Algorithm::RS256];
    };
    if offered.iter().any(|name| name == "RS256") {
        return vec![Algorithm::RS256];
    }
    ALGORITHMS
        .into_iter()
        .filter(|algorithm| offered.iter().any(|name| *name == format!("{algorithm:?}")))
        .collect()
}

/// Parses an endpoint's URL, which may have a query (RFC 6749 §3.1) as an issuer may not.
pub(crate) fn endpoint_url(text: &str) -> Result<Url, Reason> {
    let mut url = Url::parse(text)
        .map_err(|_| Reason("is not a URL: write it like `https://id.example.com/authorize`"))?;
    let query = url.query().map(str::to_owned);
    url.set_query(None);
    let mut url = web_url(url.as_str())?;
    url.set_query(query.as_deref());
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn document() -> Value {
        json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/authorize?x=1",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/jwks",
            "code_challenge_methods_supported": ["plain", "S256"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        })
    }

    fn check(document: &Value, by_hand: &Overrides) -> Result<Metadata, Vec<Wrong>> {
        let issuer = Issuer::parse("id.example").unwrap();
        Metadata::check(Document::deserialize(document).unwrap(), &issuer, by_hand)
    }

    fn wrong_with(name: &str, value: Value) -> Vec<Wrong> {
        let mut document = document();
        document[name] = value;
        check(&document, &Overrides::default())
            .err()
            .unwrap_or_default()
    }

    #[test]
    fn a_good_document_is_taken() {
        let metadata = check(&document(), &Overrides::default()).unwrap();
        assert_eq!(
            metadata.authorization.as_str(),
            "https://id.example/authorize?x=1"
        );
        assert_eq!(metadata.algorithms, [Algorithm::RS256]);
        assert!(!metadata.sends_iss);
    }

    #[test]
    fn another_issuer_is_wrong() {
        let other = "https://evil.example";
        assert_eq!(
            wrong_with("issuer", json!(other)),
            [Wrong::Issuer(other.into())]
        );
        assert_eq!(
            wrong_with("issuer", json!(null)),
            [Wrong::Missing("`issuer`")]
        );
    }

    #[test]
    fn no_s256_is_wrong_and_silence_is_not() {
        let name = "code_challenge_methods_supported";
        assert_eq!(wrong_with(name, json!(["plain"])), [Wrong::NoS256]);
        assert_eq!(wrong_with(name, json!(null)), []);
    }

    #[test]
    fn only_accepted_algorithms_are_taken() {
        let name = "id_token_signing_alg_values_supported";
        assert_eq!(
            wrong_with(name, json!(["none", "HS256"])),
            [Wrong::NoAlgorithm]
        );
        let mut document = document();
        document[name] = json!(["HS256", "none", "ES256"]);
        let metadata = check(&document, &Overrides::default()).unwrap();
        assert_eq!(metadata.algorithms, [Algorithm::ES256]);
    }

    #[test]
    fn an_endpoint_over_plain_http_is_wrong() {
        let wrong = wrong_with("token_endpoint", json!("http://id.example/token"));
        assert!(
            matches!(wrong[..], [Wrong::Url("token endpoint", _)]),
            "{wrong:?}"
        );
    }

    #[test]
    fn a_missing_endpoint_is_wrong_unless_it_is_set_by_hand() {
        assert_eq!(
            wrong_with("jwks_uri", json!(null)),
            [Wrong::Missing("JWKS URI")]
        );
        let mut document = document();
        document["jwks_uri"] = json!(null);
        let by_hand = Overrides {
            jwks: Some(Url::parse("https://keys.example/jwks").unwrap()),
            ..Overrides::default()
        };
        let metadata = check(&document, &by_hand).unwrap();
        assert_eq!(metadata.jwks.as_str(), "https://keys.example/jwks");
    }

    #[test]
    fn everything_wrong_is_reported_at_once() {
        let wrong = check(
            &json!({"issuer": "https://x.example", "code_challenge_methods_supported": []}),
            &Overrides::default(),
        );
        assert_eq!(wrong.unwrap_err().len(), 5);
    }

    #[test]
    fn authsafe_without_a_document_has_fixed_paths() {
        let issuer = Issuer::parse("identities.authsafe.in").unwrap();
        let metadata = Metadata::authsafe(&issuer, &issuer, &Overrides::default()).unwrap();
        assert_eq!(
            metadata.authorization.as_str(),
            "https://identities.authsafe.in/auth/authorize"
        );
        assert_eq!(
            metadata.token.as_str(),
            "https://identities.authsafe.in/auth/token"
        );
        assert!(metadata.end_session.is_none());
        let revocation = metadata.revocation.unwrap();
        assert_eq!(
            revocation.as_str(),
            "https://identities.authsafe.in/auth/revoke"
        );
    }

    #[test]
    fn a_token_endpoint_by_hand_has_none_of_authsafes_beside_it() {
        let issuer = Issuer::parse("identities.authsafe.in").unwrap();
        let by_hand = Overrides {
            token: Some(Url::parse("https://id.example/token").unwrap()),
            ..Overrides::default()
        };
        let metadata = Metadata::authsafe(&issuer, &issuer, &by_hand).unwrap();
        assert_eq!(metadata.token.as_str(), "https://id.example/token");
        assert_eq!((metadata.revocation, metadata.introspection), (None, None));
    }

    #[test]
    fn by_hand_what_is_not_named_is_not_there() {
        let issuer = Issuer::parse("identities.authsafe.in").unwrap();
        let url = |path: &str| {
            Some(
                Url::parse("https://id.example")
                    .unwrap()
                    .join(path)
                    .unwrap(),
            )
        };
        let mut by_hand = Overrides {
            authorization: url("authorize"),
            token: url("token"),
            jwks: url("jwks"),
            ..Overrides::default()
        };
        let metadata = Metadata::by_hand(&issuer, &by_hand).unwrap();
        assert_eq!((metadata.revocation, metadata.introspection), (None, None));
        assert_eq!(metadata.end_session, None);
        by_hand.revocation = url("revoke");
        let metadata = Metadata::by_hand(&issuer, &by_hand).unwrap();
        assert_eq!(metadata.revocation, url("revoke"));
        assert_eq!((metadata.introspection, metadata.end_session), (None, None));
    }

    #[test]
    fn every_endpoint_that_an_https_issuer_names_is_https() {
        for (field, name) in [
            ("authorization_endpoint", "authorization endpoint"),
            ("token_endpoint", "token endpoint"),
            ("jwks_uri", "JWKS URI"),
            ("userinfo_endpoint", "userinfo endpoint"),
            ("revocation_endpoint", "revocation endpoint"),
            ("introspection_endpoint", "introspection endpoint"),
            ("end_session_endpoint", "end-session endpoint"),
        ] {
            for url in [
                "http://127.0.0.1:9/x",
                "http://localhost/x",
                "http://[::1]/x",
            ] {
                let wrong = Wrong::Insecure(name, url.to_owned());
                assert_eq!(wrong_with(field, json!(url)), [wrong], "{field}");
            }
        }
    }

    #[test]
    fn what_is_set_by_hand_may_be_http_on_the_loopback() {
        let by_hand = Overrides {
            token: Some(Url::parse("http://127.0.0.1:9/token").unwrap()),
            ..Overrides::default()
        };
        let metadata = check(&document(), &by_hand).unwrap();
        assert_eq!(metadata.token.as_str(), "http://127.0.0.1:9/token");
    }

    #[test]
    fn an_issuer_on_the_loopback_names_what_is_there_too() {
        let local = "http://127.0.0.1:9";
        let document = json!({
            "issuer": local,
            "authorization_endpoint": format!("{local}/authorize"),
            "token_endpoint": format!("{local}/token"),
            "jwks_uri": format!("{local}/jwks"),
        });
        let document = Document::deserialize(document).unwrap();
        let issuer = Issuer::parse(local).unwrap();
        assert!(Metadata::check(document, &issuer, &Overrides::default()).is_ok());
    }
}
