//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1, RFC 7636 §4.3).

use core::time::Duration;

use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use url::{Url, form_urlencoded};

use super::client::ClientRegistration;
use super::transaction::Transaction;
use crate::types::{CodeVerifier, ReturnTo};

/// The longest value that is passed through, in bytes.
const MAX_HINT: usize = 256;

/// The wishes that a sign-in may have in its query. Everything else in it is ignored.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SignInQuery {
    pub(crate) return_to: Option<ReturnTo>,
    /// The `login_hint`, `prompt` and `screen_hint` that go to the provider.
    pub(crate) hints: Vec<(&'static str, String)>,
    /// The `max_age`: how long ago the user may have proved who they are, in whole seconds.
    pub(crate) max_age: Option<Duration>,
}

impl SignInQuery {
    pub(crate) fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "returnTo" | "return_to" => parsed.return_to = ReturnTo::parse(&value).ok(),
                "login_hint" => parsed.hint("login_hint", &value, is_plain),
                "prompt" => parsed.hint("prompt", &value, is_prompt),
                "max_age" => parsed.max_age = seconds(&value).or(parsed.max_age),
                "screen_hint" => parsed.hint("screen_hint", &value, is_word),
                _ => {}
            }
        }
        parsed
    }

    fn hint(&mut self, name: &'static str, value: &str, is_good: fn(&str) -> bool) {
        let new = self.hints.iter().all(|(other, _)| *other != name);
        if new && value.len() <= MAX_HINT && is_good(value) {
            self.hints.push((name, value.to_owned()));
        }
    }
}

/// Reads digits and nothing else, up to `u32::MAX`; `str::parse` takes a sign.
fn seconds(value: &str) -> Option<Duration> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u32 = digits.then(|| value.parse().ok())??;
    Some(Duration::from_secs(seconds.into()))
}

fn is_plain(value: &str) -> bool {
    !value.is_empty() && !value.chars().any(char::is_control)
}

fn is_word(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Returns whether it is a value of OpenID Connect Core §3.1.2.1 or of Initiating User Registration 1.0;
/// `none` stands alone.
fn is_prompt(value: &str) -> bool {
    let known = |word| matches!(word, "login" | "consent" | "select_account" | "create");
    value == "none" || (!value.is_empty() && value.split(' ').all(known))
}

/// Returns the URL to send the browser to.
pub(crate) fn request(
    endpoint: &Url,
    client: &ClientRegistration,
    transaction: &Transaction,
    hints: &[(&str, String)],
) -> Url {
    let max_age = transaction.max_age.map(|it| it.as_secs().to_string());
    let mut url = endpoint.clone();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &client.id)
        .append_pair("redirect_uri", &client.redirect_uri)
        .append_pair("scope", &client.scopes.join(" "))
        .append_pair("state", transaction.state.expose_secret())
        .append_pair("nonce", transaction.nonce.expose_secret())
        .append_pair("code_challenge", &challenge(&transaction.verifier))
        .append_pair("code_challenge_method", "S256")
        .extend_pairs(hints)
        .extend_pairs(max_age.map(|it| ("max_age", it)));
    url
}

/// Returns the `code_challenge` of a verifier, by S256 (RFC 7636 §4.2).
fn challenge(verifier: &CodeVerifier) -> String {
    let verifier = PkceCodeVerifier::new(verifier.expose_secret().to_owned());
    PkceCodeChallenge::from_code_verifier_sha256(&verifier)
        .as_str()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, transaction};
    use super::*;
    use crate::types::Scopes;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        assert_eq!(
            challenge(&CodeVerifier::read(
                "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
            )),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn the_request_has_every_parameter_once() {
        let endpoint = Url::parse("https://id.example/authorize?tenant=1").unwrap();
        let mut client = client("app", "https://id.example");
        client.scopes = Scopes::parse("openid admin:users");
        let transaction = transaction(None, 0).within(Some(Duration::from_secs(300)));
        let hints = [("prompt", "login".into())];
        let url = request(&endpoint, &client, &transaction, &hints);
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let expected = [
            ("tenant", "1"),
            ("response_type", "code"),
            ("client_id", "app"),
            ("redirect_uri", "https://app.example/api/auth/callback"),
            ("scope", "openid admin:users"),
            ("state", transaction.state.expose_secret()),
            ("nonce", transaction.nonce.expose_secret()),
            ("code_challenge", &challenge(&transaction.verifier)),
            ("code_challenge_method", "S256"),
            ("prompt", "login"),
            ("max_age", "300"),
        ];
        assert_eq!(pairs, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn hints_pass_from_the_allow_list_alone() {
        let parsed = SignInQuery::parse(
            "login_hint=a%40b.example&prompt=login+consent&screen_hint=signup&client_id=evil&redirect_uri=x&acr_values=1",
        );
        let expected = [
            ("login_hint", "a@b.example"),
            ("prompt", "login consent"),
            ("screen_hint", "signup"),
        ];
        assert_eq!(parsed.hints, expected.map(|(k, v)| (k, v.to_owned())));
    }

    #[test]
    fn hints_that_are_not_what_they_should_be_are_ignored() {
        let long = format!("login_hint={}", "a".repeat(257));
        for query in [
            "prompt=evil",
            "prompt=none+login",
            "prompt=",
            "login_hint=a%0Ab",
            "screen_hint=a%26b",
            &long,
        ] {
            assert!(SignInQuery::parse(query).hints.is_empty(), "{query}");
        }
        assert_eq!(
            SignInQuery::parse("prompt=none&prompt=login").hints.len(),
            1
        );
    }

    #[test]
    fn a_maximum_age_is_a_number_of_seconds() {
        let max_age = |query| SignInQuery::parse(query).max_age;
        assert_eq!(max_age("max_age=300"), Some(Duration::from_secs(300)));
        assert_eq!(max_age("max_age=0"), Some(Duration::ZERO));
        for query in [
            "",
            "max_age=",
            "max_age=+5",
            "max_age=-1",
            "max_age=5m",
            "max_age=4294967296",
        ] {
            assert_eq!(max_age(query), None, "{query}");
        }
    }

    #[test]
    fn the_return_path_is_read_in_both_spellings_and_only_when_local() {
        let path = |query| SignInQuery::parse(query).return_to;
        assert_eq!(path("returnTo=/a%3Fb%3D1").unwrap().as_str(), "/a?b=1");
        assert_eq!(path("return_to=/a").unwrap().as_str(), "/a");
        assert_eq!(path("returnTo=https://evil.example"), None);
        assert_eq!(path("returnTo=//evil.example"), None);
    }
}
