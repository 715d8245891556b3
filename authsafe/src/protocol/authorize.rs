//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1, RFC 7636 §4.3).

use core::time::Duration;
use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use url::{Url, form_urlencoded};

use super::client::ClientRegistration;
use super::transaction::Transaction;
use crate::types::{CodeVerifier, Reason, ReturnTo};

/// The longest value that is passed through, in bytes.
const MAX_HINT: usize = 256;

/// The wishes that a sign-in may have in its query. Everything else in it is ignored.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SignInQuery {
    pub(crate) return_to: Option<ReturnTo>,
    /// Why what was written there is none.
    pub(crate) dropped: Option<Reason>,
    /// What else goes to the provider: `login_hint`, `prompt`, `screen_hint`, `ui_locales`, and what the
    /// app passes on.
    pub(crate) hints: Vec<(&'static str, String)>,
    /// The `max_age`: how long ago the user may have proved who they are, in whole seconds.
    pub(crate) max_age: Option<Duration>,
}

impl SignInQuery {
    /// Reads the query; besides what passes in any case, these parameters pass. `app`: the app's origin.
    pub(crate) fn parse(query: &str, forward: &[&'static str], app: &str) -> Self {
        let mut parsed = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "returnTo" | "return_to" => match ReturnTo::asked_for(&value, app) {
                    Ok(path) => (parsed.return_to, parsed.dropped) = (Some(path), None),
                    Err(reason) => (parsed.return_to, parsed.dropped) = (None, Some(reason)),
                },
                "login_hint" => parsed.hint("login_hint", &value, is_plain),
                "prompt" => parsed.hint("prompt", &value, is_prompt),
                "max_age" => parsed.max_age = seconds(&value).or(parsed.max_age),
                "screen_hint" => parsed.hint("screen_hint", &value, is_word),
                "ui_locales" => parsed.hint("ui_locales", &value, is_plain),
                other => {
                    if let Some(name) = forward.iter().find(|name| **name == other) {
                        parsed.hint(name, &value, is_plain);
                    }
                }
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

/// Returns the URL to send the browser to. `fixed` is what the app says of each request; what it says, no
/// hint changes. No parameter is there twice (RFC 6749 §3.1), whatever the endpoint's own query has.
pub(crate) fn request(
    endpoint: &Url,
    client: &ClientRegistration,
    transaction: &Transaction,
    fixed: &[(&str, String)],
    hints: &[(&str, String)],
) -> Url {
    let max_age = transaction.max_age.map(|it| it.as_secs().to_string());
    let own = [
        ("response_type", "code"),
        ("client_id", &client.id),
        ("redirect_uri", &client.redirect_uri),
        ("scope", &client.scopes.join(" ")),
        ("state", transaction.state.expose_secret()),
        ("nonce", transaction.nonce.expose_secret()),
        ("code_challenge", &challenge(&transaction.verifier)),
        ("code_challenge_method", "S256"),
    ];
    let mut parameters: Vec<_> = own.map(|(name, value)| (name, Cow::from(value))).into();
    parameters.extend(fixed.iter().map(|(name, value)| {
        let hint = hints.iter().find(|(other, _)| other == name);
        (*name, fixed_value(name, value, hint.map(|(_, it)| &**it)))
    }));
    let is_free = |name: &str| fixed.iter().all(|(other, _)| *other != name);
    let hints = hints.iter().filter(|(name, _)| is_free(name));
    parameters.extend(hints.map(|(name, value)| (*name, Cow::from(value))));
    parameters.extend(max_age.map(|it| ("max_age", Cow::from(it))));
    with_parameters(endpoint, &parameters)
}

/// Returns what the app says, and for `prompt` what the visitor asks for besides: a provider does both
/// (OpenID Connect Core §3.1.2.1), and `none` is nothing to add.
fn fixed_value<'a>(name: &str, value: &'a str, hint: Option<&str>) -> Cow<'a, str> {
    let words = |text: &'a str| text.split(' ');
    let Some(hint) = hint.filter(|hint| name == "prompt" && ![*hint, value].contains(&"none"))
    else {
        return value.into();
    };
    let more = hint
        .split(' ')
        .filter(|word| words(value).all(|it| it != *word));
    let more: String = more.map(|word| format!(" {word}")).collect();
    format!("{value}{more}").into()
}

/// Adds parameters to an endpoint, in the place of those of the same name in its own query.
fn with_parameters(endpoint: &Url, parameters: &[(&str, Cow<'_, str>)]) -> Url {
    let mut url = endpoint.clone();
    let is_ours = |name: &str| parameters.iter().any(|(it, _)| *it == name);
    if endpoint.query_pairs().any(|(name, _)| is_ours(&name)) {
        let others = endpoint.query_pairs().filter(|(name, _)| !is_ours(name));
        url.query_pairs_mut().clear().extend_pairs(others);
    }
    url.query_pairs_mut().extend_pairs(parameters);
    url
}

/// Returns the `code_challenge` of a verifier, by S256 (RFC 7636 §4.2).
fn challenge(verifier: &CodeVerifier) -> String {
    let hash = digest(&SHA256, verifier.expose_secret().as_bytes());
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{client, transaction};
    use super::*;

    const APP: &str = "https://app.example";
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
        let url = request(&endpoint, &client, &transaction, &[], &hints);
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
            &[],
            APP,
        );
        let expected = [
            ("login_hint", "a@b.example"),
            ("prompt", "login consent"),
            ("screen_hint", "signup"),
        ];
        assert_eq!(parsed.hints, expected.map(|(k, v)| (k, v.to_owned())));
    }

    fn pairs(
        fixed: &[(&'static str, &str)],
        hints: &[(&'static str, &str)],
        endpoint: &str,
    ) -> Vec<String> {
        let owned = |pairs: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
            pairs.iter().map(|(k, v)| (*k, (*v).to_owned())).collect()
        };
        let url = request(
            &Url::parse(endpoint).unwrap(),
            &client("app", "https://id.example"),
            &transaction(None, 0),
            &owned(fixed),
            &owned(hints),
        );
        let pairs = url.query_pairs().map(|(k, v)| format!("{k}={v}"));
        pairs.collect()
    }

    fn named(name: &str, pairs: &[String]) -> Vec<String> {
        let prefix = format!("{name}=");
        let values = pairs.iter().filter_map(|it| it.strip_prefix(&prefix));
        values.map(str::to_owned).collect()
    }

    #[test]
    fn what_the_app_says_of_each_request_no_visitor_changes() {
        let fixed = [
            ("audience", "https://api.example"),
            ("access_type", "offline"),
        ];
        let hints = [("access_type", "online"), ("organization", "org 1")];
        let pairs = pairs(&fixed, &hints, "https://id.example/authorize");
        assert_eq!(named("audience", &pairs), ["https://api.example"]);
        assert_eq!(named("access_type", &pairs), ["offline"]);
        assert_eq!(named("organization", &pairs), ["org 1"]);
    }

    #[test]
    fn a_prompt_of_the_visitors_comes_to_that_of_the_app() {
        for (fixed, hint, sent) in [
            ("consent", "login", "consent login"),
            ("consent", "login consent", "consent login"),
            ("consent", "none", "consent"),
            ("none", "login", "none"),
        ] {
            let pairs = pairs(
                &[("prompt", fixed)],
                &[("prompt", hint)],
                "https://id.example/authorize",
            );
            assert_eq!(named("prompt", &pairs), [sent], "{fixed} {hint}");
        }
    }

    #[test]
    fn nothing_is_sent_twice_whatever_the_endpoint_has_in_its_query() {
        let endpoint = "https://id.example/authorize?p=B2C_1_in&scope=evil&state=x&prompt=none&audience=other&code_challenge_method=plain";
        let pairs = pairs(&[("audience", "mine")], &[("prompt", "login")], endpoint);
        assert_eq!(named("p", &pairs), ["B2C_1_in"]);
        assert_eq!(named("audience", &pairs), ["mine"]);
        assert_eq!(named("prompt", &pairs), ["login"]);
        assert_eq!(named("code_challenge_method", &pairs), ["S256"]);
        let mut names: Vec<_> = pairs.iter().map(|it| it.split('=').next()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{pairs:?}");
    }

    #[test]
    fn what_the_app_passes_on_passes_and_nothing_else_does() {
        let query = "organization=org_1&kc_idp_hint=github&connection=a%0Ab&acr_values=1&organization=org_2";
        let forward = ["organization", "connection", "acr_values"];
        let parsed = SignInQuery::parse(query, &forward, APP);
        let expected = [("organization", "org_1"), ("acr_values", "1")];
        assert_eq!(parsed.hints, expected.map(|(k, v)| (k, v.to_owned())));
        let long = format!("organization={}", "a".repeat(257));
        assert!(SignInQuery::parse(&long, &forward, APP).hints.is_empty());
    }

    #[test]
    fn what_passes_in_any_case_is_what_the_attribute_says_that_does() {
        for name in authsafe_rules::default::FORWARDED {
            let parsed = SignInQuery::parse(&format!("{name}=login"), &[], APP);
            assert_eq!(parsed.hints, [(*name, "login".to_owned())]);
        }
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
            assert!(
                SignInQuery::parse(query, &[], APP).hints.is_empty(),
                "{query}"
            );
        }
        assert_eq!(
            SignInQuery::parse("prompt=none&prompt=login", &[], APP)
                .hints
                .len(),
            1
        );
    }

    #[test]
    fn a_maximum_age_is_a_number_of_seconds() {
        let max_age = |query| SignInQuery::parse(query, &[], APP).max_age;
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
        let path = |query| SignInQuery::parse(query, &[], APP).return_to;
        assert_eq!(path("returnTo=/a%3Fb%3D1").unwrap().as_str(), "/a?b=1");
        assert_eq!(path("return_to=/a").unwrap().as_str(), "/a");
        assert_eq!(path("returnTo=https://evil.example"), None);
        assert_eq!(path("returnTo=//evil.example"), None);
    }
}
