//! The parameters of a request, from a query or a form.

use axum::http::{Method, Uri};
use url::form_urlencoded;

/// Parameters, each given once.
#[derive(Debug)]
pub(super) struct Params(Vec<(String, String)>);

/// A parameter was given twice; its name. RFC 6749 §3.1 and §3.2.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GivenTwice(pub(super) String);

impl Params {
    /// Those of a query, or of the form of a POST.
    pub(super) fn of(method: &Method, uri: &Uri, body: &[u8]) -> Result<Self, GivenTwice> {
        match *method {
            Method::POST => Self::parse(body),
            _ => Self::parse(uri.query().unwrap_or_default().as_bytes()),
        }
    }

    pub(super) fn parse(encoded: &[u8]) -> Result<Self, GivenTwice> {
        let mut params: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(encoded).into_owned() {
            if params.iter().any(|(known, _)| *known == name) {
                return Err(GivenTwice(name));
            }
            params.push((name, value));
        }
        Ok(Self(params))
    }

    /// RFC 6749 §3.1: a parameter without a value is one that was left out.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_is_left_out_and_a_second_one_refused() {
        let params = Params::parse(b"state=a+b%26c&nonce=").unwrap();
        assert_eq!(params.get("state"), Some("a b&c"));
        assert_eq!(params.get("nonce"), None);
        assert_eq!(
            Params::parse(b"code=1&code=2").unwrap_err(),
            GivenTwice("code".to_owned())
        );
    }
}
