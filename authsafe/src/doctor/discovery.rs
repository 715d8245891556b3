//! The discovery document and the keys, as they are served.

use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Map, Value};
use url::Url;

use super::attribute::list;
use super::report::Finding;
use super::words::Words;
use crate::protocol::discovery::{Metadata, Wrong};
use crate::protocol::jwks;
use crate::provider::{Answer, NoAnswer};

/// What is at the place of a discovery document.
#[derive(Debug)]
pub(super) enum Served {
    /// A document; empty where there is none (404), which may be right.
    Document(Map<String, Value>),
    /// Something else, and why.
    Wrong(Finding),
    /// No answer, or none now.
    Nothing(Finding),
}

impl Served {
    /// Reads what came from `url`.
    pub(super) fn of(url: &Url, answer: Result<Answer, NoAnswer>) -> Self {
        let about = "discovery";
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let found = Finding::wrong(about, format!("{url} cannot be asked"));
                let found = found.because(error.to_string());
                return Self::Nothing(match hint(url, &error) {
                    Some(hint) => found.write(hint),
                    None => found,
                });
            }
        };
        if let Some(to) = answer.location(url) {
            let found = format!("{url} is a redirect, which an issuer's document is not");
            let found = Finding::wrong(about, found).because(format!("it leads to {to}"));
            return Self::Wrong(match domain_of(&to) {
                Some(domain) => found.write(format!("{domain} as the domain")),
                None => found,
            });
        }
        let status = answer.status;
        if status.is_server_error() || status.as_u16() == 429 {
            let found = format!("{url} is answered with status {}", status.as_u16());
            let cause = "the provider, or what is before it, cannot answer now";
            return Self::Nothing(Finding::wrong(about, found).because(cause));
        }
        if !status.is_success() {
            // What it means is told with the domain's other problems.
            return Self::Document(Map::new());
        }
        match serde_json::from_slice(&answer.body) {
            Ok(Value::Object(document)) => Self::Document(document),
            _ => {
                let media_type = match answer.media_type() {
                    "" => "no media type",
                    media_type => media_type,
                };
                let found = format!("{url} is no discovery document, but {media_type}");
                let found = Finding::wrong(about, found);
                let cause =
                    "the domain is another site's, or a proxy's page is before the provider";
                Self::Wrong(found.because(cause).write(
                    "the issuer as the provider names it as the domain, such as \
                     `https://id.example.com/realms/shop`",
                ))
            }
        }
    }
}

/// Returns the domain whose document is at a URL.
fn domain_of(url: &Url) -> Option<String> {
    let (domain, _) = url.as_str().split_once("/.well-known/")?;
    Some(domain.to_owned())
}

/// Returns what is likely meant by a domain that cannot be asked.
fn hint(url: &Url, error: &NoAnswer) -> Option<String> {
    let domain = domain_of(url)?;
    match error {
        NoAnswer::Tls(_) => {
            let plain = domain.replacen("https://", "http://", 1);
            Some(format!(
                "`{plain}` if the provider is on plain http, which only an app on http may use; or `ca_file` \
                 if its certificate is of an authority of your own"
            ))
        }
        NoAnswer::Other(_) if url.scheme() == "http" => {
            let secure = domain.replacen("http://", "https://", 1);
            Some(format!("{secure} if the provider is on https"))
        }
        NoAnswer::Refused => Some("the host and the port at which the provider listens".to_owned()),
        NoAnswer::NoHost => Some("the host as the provider is called".to_owned()),
        NoAnswer::Timeout(_) | NoAnswer::Other(_) => None,
    }
}

/// Returns what is said of a provider that cannot be used, and the key that mends it.
pub(super) fn wrong(wrong: &Wrong) -> (Finding, Option<String>) {
    let finding = Finding::wrong("discovery", wrong.to_string());
    let key = match wrong {
        Wrong::Issuer(issuer) => Some(format!("endpoints(issuer = {issuer:?})")),
        Wrong::Tenants(_) => Some("tenants(\"...\")".to_owned()),
        _ => None,
    };
    (finding, key)
}

/// Returns what is said of a document that can be used.
pub(super) fn good(url: &Url, metadata: &Metadata, is_served: bool) -> Vec<Finding> {
    let mut findings = vec![match is_served {
        true => Finding::ok("discovery", url.as_str()),
        false => Finding::told(
            "discovery",
            format!("{url} is not there: AuthSafe's fixed paths are taken, and asked below"),
        ),
    }];
    if !metadata.left_out.is_empty() {
        let left_out = metadata.left_out.join(", ");
        let found = format!("not what they should be, and left out: {left_out}");
        findings.push(Finding::told("discovery", found));
    }
    findings
}

/// Returns what is said of the keys, and the algorithms for which there are some. `is_listed`: the document says
/// which there are.
pub(super) fn keys(
    url: &Url,
    answer: Result<Answer, NoAnswer>,
    accepted: &[Algorithm],
    is_listed: bool,
) -> (Finding, Vec<String>) {
    let about = "keys";
    let wrong = |found: String, cause: String| {
        let finding = Finding::wrong(about, found).because(cause);
        (finding, Vec::new())
    };
    let answer = match answer {
        Ok(answer) if answer.status.is_success() => answer,
        Ok(answer) => {
            let said = Words::of(&answer, None).line(&answer);
            return wrong(format!("{url} gives no keys"), said);
        }
        Err(error) => return wrong(format!("{url} cannot be asked"), error.to_string()),
    };
    let document: Option<jwks::Document> = serde_json::from_slice(&answer.body).ok();
    let Some(keys) = document.and_then(jwks::Document::usable) else {
        let cause = "it is no JSON Web Key Set with a key that verifies signatures".to_owned();
        return wrong(format!("{url} gives no keys"), cause);
    };
    let name = |algorithm: &Algorithm| format!("{algorithm:?}");
    let (fit, lack): (Vec<_>, Vec<_>) = accepted
        .iter()
        .partition(|it| jwks::has_key_for(&keys, **it));
    let (fit, lack): (Vec<_>, Vec<_>) = (
        fit.into_iter().map(name).collect(),
        lack.into_iter().map(name).collect(),
    );
    if fit.is_empty() {
        let finding = Finding::wrong(about, format!("no key fits {}", lack.join(", ")));
        let others = jwks::ALGORITHMS.into_iter();
        let others = others.filter(|it| jwks::has_key_for(&keys, *it));
        let others: Vec<_> = others.map(|it| name(&it)).collect();
        let fitting = others.join(", ");
        if is_listed {
            let cause =
                format!("the document lists them for ID tokens, and the keys are for {fitting}");
            return (finding.because(cause), Vec::new());
        }
        let cause = format!("the document lists none, and the keys are for {fitting}");
        let key = list("algorithms", others.iter().map(String::as_str));
        let write = format!("{key}, those of them by which the client's ID tokens are signed");
        return (finding.because(cause).write(write), Vec::new());
    }
    let mut found = format!("{}, for {}", count(&keys), fit.join(", "));
    if !lack.is_empty() {
        found += &format!(
            "; none for {}, which the document lists too",
            lack.join(", ")
        );
    }
    (Finding::ok(about, found), fit)
}

fn count(keys: &JwkSet) -> String {
    match keys.keys.len() {
        1 => "one".to_owned(),
        many => many.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::KEYS;
    use http::header::{CONTENT_TYPE, LOCATION};

    fn document() -> Url {
        Url::parse("https://id.example/a/.well-known/openid-configuration").unwrap()
    }

    fn told(served: Served) -> (bool, Finding) {
        match served {
            Served::Wrong(finding) => (true, finding),
            Served::Nothing(finding) => (false, finding),
            Served::Document(_) => panic!("it is a document"),
        }
    }

    #[test]
    fn what_is_no_document_is_told_with_its_cause_and_what_to_write() {
        let page = Answer::new(200, &[(CONTENT_TYPE, "text/html")], "<p>hello");
        let (is_wrong, page) = told(Served::of(&document(), Ok(page)));
        assert!(is_wrong && page.found.contains("but text/html"), "{page:?}");

        let to = "https://other.example/b/.well-known/openid-configuration";
        let moved = Answer::new(301, &[(LOCATION, to)], "");
        let (is_wrong, moved) = told(Served::of(&document(), Ok(moved)));
        assert!(is_wrong);
        assert_eq!(
            moved.write.as_deref(),
            Some("https://other.example/b as the domain")
        );

        for status in [429, 500, 502, 503] {
            let down = Answer::new(status, &[], "");
            let (is_wrong, down) = told(Served::of(&document(), Ok(down)));
            assert!(!is_wrong && down.found.contains(&status.to_string()));
        }

        let tls = NoAnswer::Tls("received corrupt message".to_owned());
        let (is_wrong, tls) = told(Served::of(&document(), Err(tls)));
        assert!(!is_wrong);
        let write = tls.write.unwrap();
        assert!(write.contains("`http://id.example/a`"), "{write}");

        let gone = Answer::new(404, &[], "<p>not found");
        let served = Served::of(&document(), Ok(gone));
        assert!(matches!(served, Served::Document(it) if it.is_empty()));
    }

    #[test]
    fn keys_are_counted_by_the_algorithms_that_they_fit() {
        let url = Url::parse("https://id.example/jwks").unwrap();
        let set = serde_json::to_string(&KEYS.public).unwrap();
        let answer = |body: &str| Ok(Answer::new(200, &[], body));
        let both = [Algorithm::RS256, Algorithm::ES256];
        let (good, fit) = keys(&url, answer(&set), &both, true);
        assert_eq!(fit, ["RS256"]);
        assert!(good.found.contains("none for ES256"), "{}", good.found);
        let (none, fit) = keys(&url, answer(&set), &[Algorithm::ES256], true);
        assert_eq!(none.found, "no key fits ES256");
        assert_eq!(none.write, None);
        assert!(fit.is_empty());
        let (silent, _) = keys(&url, answer(&set), &[Algorithm::ES256], false);
        let write = silent.write.unwrap();
        assert!(write.starts_with("algorithms(\"RS256\""), "{write}");
        for body in ["", "{}", r#"{"keys":[]}"#, "<p>"] {
            let (none, _) = keys(&url, answer(body), &both, true);
            assert!(none.cause.unwrap().contains("Key Set"), "{body}");
        }
        let (down, _) = keys(&url, Err(NoAnswer::Refused), &both, true);
        assert!(down.cause.unwrap().contains("refused"));
        let (gone, _) = keys(&url, Ok(Answer::new(404, &[], "gone")), &both, true);
        assert_eq!(gone.cause.as_deref(), Some("404: gone"));
    }
}
