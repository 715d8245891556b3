//! The provider's metadata (OpenID Connect Discovery §3, RFC 8414 §2).

use core::fmt;

use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use url::Url;

use super::client_auth::Method;
use super::jwks::{ALGORITHMS, Names};
use crate::types::{Http, Issuer, Reason, Tenants, TokenIssuer, url_over};

/// Returns the URL of the document (OpenID Connect Discovery §4).
pub(crate) fn document_url(domain: &Issuer) -> String {
    format!("{}/.well-known/openid-configuration", domain.as_str())
}

/// The document: any object. Each of its members is read on its own, so none is so odd that the others are
/// not read.
pub(crate) type Document = Map<String, Value>;

/// What the app says of the provider, which a document is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) by_hand: &'a Overrides,
    pub(crate) tenants: Tenants,
    /// Those that the app accepts. `None`: all that are safe.
    pub(crate) algorithms: Option<&'a [Algorithm]>,
    pub(crate) http: Http,
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
    /// The issuer of its tokens and of its authorization responses.
    pub(crate) issuer: TokenIssuer,
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) jwks: Url,
    pub(crate) userinfo: Option<Url>,
    pub(crate) revocation: Option<Url>,
    pub(crate) introspection: Option<Url>,
    pub(crate) end_session: Option<Url>,
    /// How its clients say who they are, as far as it says.
    pub(crate) client_auth: Method,
    /// The algorithms of its ID tokens that are accepted.
    pub(crate) algorithms: Vec<Algorithm>,
    /// Whether it puts `iss` into each authorization response (RFC 9207 §3).
    pub(crate) sends_iss: bool,
    /// The members of its document that are not what they should be, and that sign-in does without.
    pub(crate) left_out: Vec<&'static str>,
}

/// A reason that a provider cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    NotServed(String, u16, Hint),
    Issuer(String),
    Tenants(String),
    OneTenant(String),
    Missing(&'static str),
    NoDocument(String, Hint),
    Url(&'static str, Reason),
    Insecure(&'static str, String),
    NoS256,
    NoAlgorithm { offered: String, accepted: Names },
}

impl core::error::Error for Wrong {}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (because, instead) = self.parts();
        write!(f, "{because}; {instead}")
    }
}

impl Wrong {
    /// Returns why, and what to do instead.
    pub(crate) fn parts(&self) -> (String, String) {
        const BY_HAND: &str = "write `endpoints(...)` with it, or the `domain` of another provider";
        match self {
            Self::NotServed(url, status, hint) => (
                format!(
                    "`{url}` is answered with status {status}, where a discovery document should be{hint}"
                ),
                "write the issuer, as its tokens name it".to_owned(),
            ),
            Self::Issuer(issuer) => (
                format!("its discovery document names another issuer, `{issuer}`"),
                format!("write `endpoints(issuer = \"{issuer}\")` if that is the one"),
            ),
            Self::Tenants(issuer) => (
                format!("its issuer is `{issuer}`, another one for each tenant"),
                "write the ids of yours, `tenants(\"11111111-2222-3333-4444-555555555555\")`, or `tenants = any` \
                 where whoever has an account there may sign in"
                    .to_owned(),
            ),
            Self::OneTenant(issuer) => (
                format!("its issuer is `{issuer}`, one for all, so `tenants` would keep nobody out"),
                "leave it out, or write a `domain` for many tenants, like \
                 `https://login.microsoftonline.com/organizations/v2.0`"
                    .to_owned(),
            ),
            Self::Missing(what) => (
                format!("its discovery document names no {what}"),
                BY_HAND.to_owned(),
            ),
            Self::NoDocument(url, hint) => (
                format!(
                    "`{url}` is not there (404), so nothing says where its endpoints are{hint}"
                ),
                "write them by hand, `endpoints(authorization = \"...\", token = \"...\", jwks = \"...\")`, if \
                 `domain` is the issuer as its tokens name it, or `endpoints(authsafe)` if it is AuthSafe \
                 under a domain of yours"
                    .to_owned(),
            ),
            Self::Url(what, reason) => (format!("its {what} {reason}"), BY_HAND.to_owned()),
            Self::Insecure(what, url) => (
                format!("its {what} is `{url}`, and what an https issuer names has to be https"),
                BY_HAND.to_owned(),
            ),
            Self::NoS256 => (
                "it does not offer PKCE with S256 (RFC 7636), which sign-in needs".to_owned(),
                "turn it on there, or write the `domain` of one that does".to_owned(),
            ),
            Self::NoAlgorithm { offered, accepted } => (
                format!(
                    "it signs ID tokens by {offered}: by none of the accepted algorithms, which are {accepted}"
                ),
                "register the client there for one of them, or write the `domain` of another provider".to_owned(),
            ),
        }
    }
}

/// What is likely wrong with a domain that serves no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hint {
    /// It has the path of the document, of this issuer.
    Pasted(String),
    Guess {
        /// It has no path.
        no_path: bool,
        /// It is on http; this is where it may be.
        https: Option<String>,
    },
}

impl Hint {
    /// Looks at a domain.
    pub(crate) fn of(domain: &Issuer) -> Self {
        let domain = domain.as_str();
        if let Some((issuer, _)) = domain.split_once("/.well-known") {
            return Self::Pasted(issuer.to_owned());
        }
        let (_, rest) = domain.split_once("://").unwrap_or_default();
        let http = domain.strip_prefix("http://");
        Self::Guess {
            no_path: !rest.contains('/'),
            https: http.map(|rest| format!("https://{rest}")),
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (no_path, https) = match self {
            Self::Pasted(issuer) => {
                return write!(
                    f,
                    "; `domain` is the issuer alone, without `/.well-known/...`: write `{issuer}`"
                );
            }
            Self::Guess { no_path, https } => (no_path, https),
        };
        if *no_path {
            f.write_str(
                "; is its realm or tenant missing, as in `https://HOST/realms/NAME` (Keycloak) or \
                 `https://login.microsoftonline.com/TENANT/v2.0` (Entra)?",
            )?;
        }
        match https {
            Some(there) => write!(f, "; it is asked over http: is it `{there}`?"),
            None => Ok(()),
        }
    }
}

impl Metadata {
    /// Takes what was set by hand, where that is enough; an endpoint that was not is not called.
    pub(crate) fn by_hand(asked: Asked<'_>, issuer: TokenIssuer) -> Result<Self, Vec<Wrong>> {
        let metadata = Self::check_as(&Document::default(), asked, issuer)?;
        // Nothing says which algorithms it signs with: each that is accepted may be one.
        Ok(Self {
            algorithms: asked.algorithms.unwrap_or(&ALGORITHMS).into(),
            ..metadata
        })
    }

    /// Takes AuthSafe's fixed paths, for a domain of AuthSafe's that serves no document.
    pub(crate) fn authsafe(
        domain: &Issuer,
        asked: Asked<'_>,
        issuer: TokenIssuer,
    ) -> Result<Self, Vec<Wrong>> {
        let mut document = Document::new();
        let mut path = |member: &str, path| {
            let url = format!("{}/auth/{path}", domain.as_str());
            document.insert(member.to_owned(), url.into());
        };
        path("authorization_endpoint", "authorize");
        path("token_endpoint", "token");
        path("jwks_uri", "jwks");
        // Tokens of an endpoint that was set by hand are shown to nobody whom nobody named.
        if asked.by_hand.token.is_none() {
            path("userinfo_endpoint", "userinfo");
            path("revocation_endpoint", "revoke");
            path("introspection_endpoint", "introspect");
        }
        Self::check_as(&document, asked, issuer)
    }

    /// Returns the endpoints that are called or that browsers are sent to, by name.
    #[cfg(feature = "cli")]
    pub(crate) fn endpoints(&self) -> [(&'static str, Option<&Url>); 7] {
        [
            ("authorization endpoint", Some(&self.authorization)),
            ("token endpoint", Some(&self.token)),
            ("JWKS URI", Some(&self.jwks)),
            ("userinfo endpoint", self.userinfo.as_ref()),
            ("revocation endpoint", self.revocation.as_ref()),
            ("introspection endpoint", self.introspection.as_ref()),
            ("end-session endpoint", self.end_session.as_ref()),
        ]
    }

    /// Checks a document, and reports everything that is wrong with it.
    pub(crate) fn check(document: &Document, asked: Asked<'_>) -> Result<Self, Vec<Wrong>> {
        let mut checks = Checks::new(document, asked);
        let issuer = checks.issuer();
        checks.metadata(issuer)
    }

    /// Does what [`check`](Self::check) does, where the issuer is known without.
    fn check_as(
        document: &Document,
        asked: Asked<'_>,
        issuer: TokenIssuer,
    ) -> Result<Self, Vec<Wrong>> {
        Checks::new(document, asked).metadata(Some(issuer))
    }
}

/// The checks of a document, and what they have found wrong.
struct Checks<'a> {
    document: &'a Document,
    asked: Asked<'a>,
    wrong: Vec<Wrong>,
    left_out: Vec<&'static str>,
}

impl<'a> Checks<'a> {
    fn new(document: &'a Document, asked: Asked<'a>) -> Self {
        Self {
            document,
            asked,
            wrong: Vec::new(),
            left_out: Vec::new(),
        }
    }

    fn metadata(mut self, issuer: Option<TokenIssuer>) -> Result<Metadata, Vec<Wrong>> {
        let checks = &mut self;
        let by_hand = checks.asked.by_hand;
        let authorization = checks.required("authorization endpoint", &by_hand.authorization);
        let token = checks.required("token endpoint", &by_hand.token);
        let jwks = checks.required("JWKS URI", &by_hand.jwks);
        let userinfo = checks.endpoint("userinfo endpoint", &by_hand.userinfo);
        let revocation = checks.endpoint("revocation endpoint", &by_hand.revocation);
        let introspection = checks.endpoint("introspection endpoint", &by_hand.introspection);
        let end_session = checks.endpoint("end-session endpoint", &by_hand.end_session);
        checks.pkce();
        let algorithms = checks.algorithms();
        let client_auth = checks.list("`token_endpoint_auth_methods_supported`");
        let sends_iss = checks.sends_iss();
        match (issuer, authorization, token, jwks) {
            (Some(issuer), Some(authorization), Some(token), Some(jwks))
                if self.wrong.is_empty() =>
            {
                Ok(Metadata {
                    issuer,
                    authorization,
                    token,
                    jwks,
                    userinfo,
                    revocation,
                    introspection,
                    end_session,
                    client_auth: Method::of(client_auth.as_deref()),
                    algorithms,
                    sends_iss,
                    left_out: self.left_out,
                })
            }
            _ => Err(self.wrong),
        }
    }

    /// Returns the member that has the name, which may be in backticks or as people write it.
    fn member(&self, name: &str) -> Option<&'a Value> {
        let name = name.trim_matches('`').to_lowercase();
        self.document.get(&name.replace([' ', '-'], "_"))
    }

    /// Returns the text of the member, where it is one.
    fn text(&self, name: &str) -> Option<&'a str> {
        self.member(name)?.as_str().filter(|it| !it.is_empty())
    }

    /// Checks the issuer (OpenID Connect Discovery §4.3).
    fn issuer(&mut self) -> Option<TokenIssuer> {
        let Some(named) = self.text("issuer") else {
            self.wrong.push(Wrong::Missing("`issuer`"));
            return None;
        };
        let (domain, tenants) = (self.asked.issuer, self.asked.tenants);
        let wrong = match TokenIssuer::of_document(named, domain, tenants) {
            None => Wrong::Issuer(cut(named)),
            Some(TokenIssuer::OfTenants { .. }) if tenants == Tenants::One => {
                Wrong::Tenants(cut(named))
            }
            Some(TokenIssuer::Named(_)) if tenants != Tenants::One => Wrong::OneTenant(cut(named)),
            Some(issuer) => return Some(issuer),
        };
        self.wrong.push(wrong);
        None
    }

    /// Checks an endpoint that sign-in cannot do without.
    fn required(&mut self, name: &'static str, by_hand: &Option<Url>) -> Option<Url> {
        if by_hand.is_some() {
            return by_hand.clone();
        }
        let Some(text) = self.text(name) else {
            self.wrong.push(Wrong::Missing(name));
            return None;
        };
        let url = self.url(text).map_err(|reason| Wrong::Url(name, reason));
        self.secure(name, url)
    }

    /// Checks an endpoint that sign-in can do without: what is no URL is left out. The one that was set by
    /// hand wins, and is checked already.
    fn endpoint(&mut self, name: &'static str, by_hand: &Option<Url>) -> Option<Url> {
        if by_hand.is_some() {
            return by_hand.clone();
        }
        self.member(name)?;
        match self.text(name).and_then(|text| self.url(text).ok()) {
            Some(url) => self.secure(name, Ok(url)),
            None => {
                self.left_out.push(name);
                None
            }
        }
    }

    fn url(&self, text: &str) -> Result<Url, Reason> {
        // One that an https issuer names is told apart by what is wrong with it.
        endpoint_url_over(text, self.asked.http)
    }

    /// Refuses what an https issuer names on plain http.
    fn secure(&mut self, name: &'static str, url: Result<Url, Wrong>) -> Option<Url> {
        match url {
            // On the loopback too: the client secret would go to whoever listens there.
            Ok(url) if self.asked.issuer.is_https() && url.scheme() != "https" => {
                self.wrong.push(Wrong::Insecure(name, cut(url.as_str())));
                None
            }
            Ok(url) => Some(url),
            Err(wrong) => {
                self.wrong.push(wrong);
                None
            }
        }
    }

    /// Checks that S256 is offered (RFC 7636 §4.2), where the document says what is.
    fn pkce(&mut self) {
        let offered = self.list("`code_challenge_methods_supported`");
        if offered.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            self.wrong.push(Wrong::NoS256);
        }
    }

    /// Returns the algorithms of ID tokens that are offered and accepted.
    fn algorithms(&mut self) -> Vec<Algorithm> {
        let offered = self.list("`id_token_signing_alg_values_supported`");
        let accepted = self.asked.algorithms;
        let algorithms = algorithms(offered.as_deref(), accepted);
        if algorithms.is_empty() {
            let offered = offered.unwrap_or_default();
            let offered: Vec<_> = offered.iter().map(|it| format!("`{it}`")).collect();
            self.wrong.push(Wrong::NoAlgorithm {
                offered: match offered.is_empty() {
                    true => "nothing".to_owned(),
                    false => cut(&offered.join(", ")),
                },
                accepted: Names::of(accepted.unwrap_or(&ALGORITHMS)),
            });
        }
        algorithms
    }

    /// Returns whether each authorization response has its issuer.
    fn sends_iss(&mut self) -> bool {
        const NAME: &str = "`authorization_response_iss_parameter_supported`";
        match self.member(NAME) {
            None => false,
            Some(Value::Bool(says)) => *says,
            Some(Value::String(says)) if says == "true" => true,
            Some(_) => {
                self.left_out.push(NAME);
                false
            }
        }
    }

    /// Returns a list of texts. `None`: it is not there, or it is none and is left out.
    fn list(&mut self, name: &'static str) -> Option<Vec<String>> {
        match self.member(name)? {
            Value::Array(values) => {
                let texts = values.iter().filter_map(Value::as_str);
                Some(texts.map(str::to_owned).collect())
            }
            _ => {
                self.left_out.push(name);
                None
            }
        }
    }
}

/// Cuts what the provider wrote to what a message can bear.
fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}

/// Returns each algorithm that is offered and accepted; where nothing is said, those that the app names,
/// or else RS256, as every OpenID provider has it. A client may be registered with any of them
/// (Registration §2), and the key decides what it verifies.
fn algorithms(offered: Option<&[String]>, accepted: Option<&[Algorithm]>) -> Vec<Algorithm> {
    let Some(offered) = offered else {
        return accepted.unwrap_or(&[Algorithm::RS256]).into();
    };
    let accepted = accepted.unwrap_or(&ALGORITHMS).iter().copied();
    accepted
        .filter(|algorithm| offered.iter().any(|name| *name == format!("{algorithm:?}")))
        .collect()
}

/// Parses an endpoint's URL, which may have a query (RFC 6749 §3.1) as an issuer may not.
pub(crate) fn endpoint_url_over(text: &str, http: Http) -> Result<Url, Reason> {
    let mut url = Url::parse(text)
        .map_err(|_| Reason("is not a URL: write it like `https://id.example.com/authorize`"))?;
    let query = url.query().map(str::to_owned);
    url.set_query(None);
    let mut url = url_over(url.as_str(), http)?;
    url.set_query(query.as_deref());
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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

    fn asked<'a>(issuer: &'a Issuer, by_hand: &'a Overrides) -> Asked<'a> {
        Asked {
            issuer,
            by_hand,
            tenants: Tenants::One,
            algorithms: None,
            http: Http::OnLoopback,
        }
    }

    /// As the issuer of an app that names none but the domain.
    fn of(issuer: &Issuer) -> TokenIssuer {
        TokenIssuer::Domain(issuer.clone())
    }

    fn check(document: &Value, by_hand: &Overrides) -> Result<Metadata, Vec<Wrong>> {
        let issuer = Issuer::parse("id.example").unwrap();
        Metadata::check(document.as_object().unwrap(), asked(&issuer, by_hand))
    }

    #[test]
    fn the_document_is_below_the_domain() {
        let url = |domain| document_url(&Issuer::parse(domain).unwrap());
        let expected = "https://id.example/.well-known/openid-configuration";
        assert_eq!(url("id.example"), expected);
        let expected = "https://id.example/realms/x/.well-known/openid-configuration";
        assert_eq!(url("https://id.example/realms/x"), expected);
    }

    #[test]
    fn nothing_is_left_to_discover_where_all_three_are_written() {
        let url = |written: bool| written.then(|| Url::parse("https://id.example/").unwrap());
        for at in 0..8 {
            let [authorization, token, jwks] = [1, 2, 4].map(|bit| url(at & bit != 0));
            let by_hand = Overrides {
                authorization,
                token,
                jwks,
                ..Overrides::default()
            };
            assert_eq!(by_hand.are_complete(), at == 7, "{at}");
        }
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
        assert_eq!(metadata.algorithms, [Algorithm::RS256, Algorithm::ES256]);
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

    const ENTRA: &str = "https://login.example/{tenantid}/v2.0";
    const ONE: &str = "11111111-2222-3333-4444-555555555555";

    fn of_tenants(domain: &str, named: &str, tenants: Tenants) -> Result<Metadata, Vec<Wrong>> {
        let issuer = Issuer::parse(domain).unwrap();
        let mut document = document();
        document["issuer"] = json!(named);
        let by_hand = Overrides::default();
        let asked = Asked {
            tenants,
            ..asked(&issuer, &by_hand)
        };
        Metadata::check(document.as_object().unwrap(), asked)
    }

    #[test]
    fn the_issuer_that_the_document_names_is_that_of_tokens() {
        let mut document = document();
        for named in ["https://id.example", "https://id.example/"] {
            document["issuer"] = json!(named);
            let metadata = check(&document, &Overrides::default()).unwrap();
            assert_eq!(metadata.issuer, TokenIssuer::Named(named.to_owned()));
        }
    }

    #[test]
    fn the_message_of_another_issuer_has_the_line_to_write() {
        let wrong = Wrong::Issuer("https://x.example".to_owned()).to_string();
        let line = "`endpoints(issuer = \"https://x.example\")`";
        assert!(wrong.contains(line), "{wrong}");
    }

    #[test]
    fn an_issuer_of_many_tenants_needs_to_know_whose() {
        let domain = "https://login.example/common/v2.0";
        assert!(of_tenants(domain, ENTRA, Tenants::Of(&[ONE])).is_ok());
        assert!(of_tenants(domain, ENTRA, Tenants::Any).is_ok());
        let wrong = of_tenants(domain, ENTRA, Tenants::One).unwrap_err();
        assert_eq!(wrong, [Wrong::Tenants(ENTRA.to_owned())]);
        let one = format!("https://login.example/{ONE}/v2.0");
        assert!(of_tenants(&one, &one, Tenants::One).is_ok());
        let wrong = of_tenants(&one, &one, Tenants::Of(&[ONE])).unwrap_err();
        assert_eq!(wrong, [Wrong::OneTenant(one)]);
        let wrong = of_tenants("https://evil.example/common/v2.0", ENTRA, Tenants::Any);
        assert_eq!(wrong.unwrap_err(), [Wrong::Issuer(ENTRA.to_owned())]);
    }

    #[test]
    fn what_sign_in_can_do_without_is_left_out_by_name() {
        for (member, name) in [
            ("userinfo_endpoint", "userinfo endpoint"),
            ("revocation_endpoint", "revocation endpoint"),
            ("introspection_endpoint", "introspection endpoint"),
            ("end_session_endpoint", "end-session endpoint"),
        ] {
            for odd in [
                json!(null),
                json!(""),
                json!("no URL"),
                json!("/relative"),
                json!(7),
                json!({}),
                json!(["https://id.example/x"]),
            ] {
                let mut document = document();
                document[member] = odd.clone();
                let metadata = check(&document, &Overrides::default()).unwrap();
                assert_eq!(metadata.left_out, [name], "{odd}");
            }
        }
        for member in [
            "code_challenge_methods_supported",
            "token_endpoint_auth_methods_supported",
            "id_token_signing_alg_values_supported",
            "authorization_response_iss_parameter_supported",
        ] {
            for odd in [json!(null), json!("S256"), json!({})] {
                let mut document = document();
                document[member] = odd;
                let metadata = check(&document, &Overrides::default()).unwrap();
                assert_eq!(metadata.left_out, [format!("`{member}`")]);
                let offered = match member {
                    "id_token_signing_alg_values_supported" => &[Algorithm::RS256][..],
                    _ => &[Algorithm::RS256, Algorithm::ES256],
                };
                assert_eq!(metadata.algorithms, offered);
                assert!(!metadata.sends_iss);
            }
        }
        let metadata = check(&document(), &Overrides::default()).unwrap();
        assert!(metadata.left_out.is_empty());
    }

    #[test]
    fn what_sign_in_needs_is_never_left_out() {
        for (member, name) in [
            ("authorization_endpoint", "authorization endpoint"),
            ("token_endpoint", "token endpoint"),
            ("jwks_uri", "JWKS URI"),
        ] {
            for odd in [json!(null), json!(""), json!(7), json!([])] {
                assert_eq!(wrong_with(member, odd), [Wrong::Missing(name)]);
            }
            let wrong = wrong_with(member, json!("no URL"));
            assert!(
                matches!(wrong[..], [Wrong::Url(it, _)] if it == name),
                "{wrong:?}"
            );
        }
        for odd in [json!(""), json!(7), json!(["https://id.example"])] {
            assert_eq!(wrong_with("issuer", odd), [Wrong::Missing("`issuer`")]);
        }
    }

    #[test]
    fn a_promise_of_iss_that_is_written_as_text_is_one() {
        let mut document = document();
        for (says, expected) in [
            (json!(true), true),
            (json!("true"), true),
            (json!("no"), false),
        ] {
            document["authorization_response_iss_parameter_supported"] = says;
            let metadata = check(&document, &Overrides::default()).unwrap();
            assert_eq!(metadata.sends_iss, expected);
        }
    }

    #[test]
    fn by_hand_each_accepted_algorithm_is_taken() {
        let issuer = Issuer::parse("https://id.example").unwrap();
        let url = Url::parse("https://id.example/x").ok();
        let by_hand = Overrides {
            authorization: url.clone(),
            token: url.clone(),
            jwks: url,
            ..Overrides::default()
        };
        let metadata = Metadata::by_hand(asked(&issuer, &by_hand), of(&issuer)).unwrap();
        for algorithm in ALGORITHMS {
            assert!(metadata.algorithms.contains(&algorithm), "{algorithm:?}");
        }
    }

    #[test]
    fn what_is_likely_wrong_with_a_domain_is_told() {
        let hint = |domain| Hint::of(&Issuer::parse(domain).unwrap()).to_string();
        let pasted = hint("https://id.example/realms/x/.well-known/jwks.json");
        assert!(
            pasted.ends_with("write `https://id.example/realms/x`"),
            "{pasted}"
        );
        assert!(hint("http://localhost:8080/x").contains("`https://localhost:8080/x`"));
        assert!(hint("https://id.example").contains("realm"));
        let both = hint("http://localhost:8080");
        assert!(both.contains("realm") && both.contains("`https://localhost:8080`"));
        assert_eq!(hint("https://id.example/realms/x"), "");
    }

    #[test]
    fn an_app_of_a_private_network_may_have_a_provider_on_http() {
        let issuer = Issuer::parse_over("http://keycloak:8080/realms/x", Http::Anywhere).unwrap();
        let at = |path: &str| format!("{}/{path}", issuer.as_str());
        let document = |base: &dyn Fn(&str) -> String| {
            json!({
                "issuer": issuer.as_str(),
                "authorization_endpoint": base("authorize"),
                "token_endpoint": base("token"),
                "jwks_uri": base("jwks"),
            })
        };
        let by_hand = Overrides::default();
        let asked = asked(&issuer, &by_hand);
        assert!(Metadata::check(document(&at).as_object().unwrap(), asked).is_err());
        let asked = Asked {
            http: Http::Anywhere,
            ..asked
        };
        assert!(Metadata::check(document(&at).as_object().unwrap(), asked).is_ok());
        // One on https names nothing on http all the same.
        let https = Issuer::parse("https://id.example").unwrap();
        let asked = Asked {
            issuer: &https,
            ..asked
        };
        let mut one = json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "http://keycloak:8080/token",
            "jwks_uri": "https://id.example/jwks",
        });
        let wrong = Metadata::check(one.as_object().unwrap(), asked).unwrap_err();
        let expected = Wrong::Insecure("token endpoint", "http://keycloak:8080/token".into());
        assert_eq!(wrong, [expected]);
        one["token_endpoint"] = json!("https://id.example/token");
        assert!(Metadata::check(one.as_object().unwrap(), asked).is_ok());
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
            [Wrong::NoAlgorithm {
                offered: "`none`, `HS256`".to_owned(),
                accepted: Names::of(&ALGORITHMS),
            }]
        );
        let mut document = document();
        document[name] = json!(["HS256", "none", "ES256"]);
        let metadata = check(&document, &Overrides::default()).unwrap();
        assert_eq!(metadata.algorithms, [Algorithm::ES256]);
    }

    #[test]
    fn the_apps_own_word_narrows_them() {
        let issuer = Issuer::parse("https://id.example").unwrap();
        let none = Overrides::default();
        let taken = |offered: Value, accepted: &[Algorithm]| {
            let mut document = document();
            document["id_token_signing_alg_values_supported"] = offered;
            let asked = Asked {
                algorithms: Some(accepted),
                ..asked(&issuer, &none)
            };
            Metadata::check(document.as_object().unwrap(), asked).map(|it| it.algorithms)
        };
        let both = [Algorithm::ES256, Algorithm::EdDSA];
        let offered = json!(["RS256", "ES256", "HS256"]);
        assert_eq!(taken(offered, &both).unwrap(), [Algorithm::ES256]);
        // The document says nothing, or nothing that is understood.
        for silent in [json!(null), json!("RS256")] {
            assert_eq!(taken(silent, &both).unwrap(), both);
        }
        let wrong = taken(json!(["RS256"]), &both).unwrap_err();
        let (told, _) = wrong[0].parts();
        assert!(
            told.contains("by `RS256`") && told.ends_with("are `ES256`, `EdDSA`"),
            "{told}"
        );
        assert!(taken(json!([]), &both).is_err());
        assert!(taken(json!(["ES256"]), &[]).is_err());
        let by_hand = Overrides {
            authorization: Url::parse("https://id.example/a").ok(),
            token: Url::parse("https://id.example/t").ok(),
            jwks: Url::parse("https://id.example/k").ok(),
            ..Overrides::default()
        };
        let asked = Asked {
            algorithms: Some(&both),
            ..asked(&issuer, &by_hand)
        };
        let metadata = Metadata::by_hand(asked, of(&issuer)).unwrap();
        assert_eq!(metadata.algorithms, both);
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
        let metadata =
            Metadata::authsafe(&issuer, asked(&issuer, &Overrides::default()), of(&issuer))
                .unwrap();
        assert_eq!(
            metadata.authorization.as_str(),
            "https://identities.authsafe.in/auth/authorize"
        );
        assert_eq!(
            metadata.token.as_str(),
            "https://identities.authsafe.in/auth/token"
        );
        assert!(metadata.end_session.is_none());
        for (endpoint, path) in [
            (Some(metadata.jwks), "jwks"),
            (metadata.userinfo, "userinfo"),
            (metadata.revocation, "revoke"),
            (metadata.introspection, "introspect"),
        ] {
            assert_eq!(
                endpoint.unwrap().as_str(),
                format!("https://identities.authsafe.in/auth/{path}")
            );
        }
    }

    #[test]
    fn a_token_endpoint_by_hand_has_none_of_authsafes_beside_it() {
        let issuer = Issuer::parse("identities.authsafe.in").unwrap();
        let by_hand = Overrides {
            token: Some(Url::parse("https://id.example/token").unwrap()),
            ..Overrides::default()
        };
        let metadata = Metadata::authsafe(&issuer, asked(&issuer, &by_hand), of(&issuer)).unwrap();
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
        let metadata = Metadata::by_hand(asked(&issuer, &by_hand), of(&issuer)).unwrap();
        assert_eq!((metadata.revocation, metadata.introspection), (None, None));
        assert_eq!(metadata.end_session, None);
        by_hand.revocation = url("revoke");
        let metadata = Metadata::by_hand(asked(&issuer, &by_hand), of(&issuer)).unwrap();
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
        let issuer = Issuer::parse(local).unwrap();
        assert!(
            Metadata::check(
                document.as_object().unwrap(),
                asked(&issuer, &Overrides::default())
            )
            .is_ok()
        );
    }
}
