//! How an app says who it is when it calls the provider (RFC 6749 §2.3): in the header or in the body of a
//! request, never in both.

use http::{HeaderValue, Response, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The error of a provider that does not take the client's own credentials (RFC 6749 §5.2).
pub(crate) const INVALID_CLIENT: &str = "invalid_client";
/// The one of providers that take them, but not in this way.
pub(crate) const UNAUTHORIZED_CLIENT: &str = "unauthorized_client";

/// The way by which the client secret goes to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// As the provider's discovery document offers; where it refuses that, the other way.
    Auto,
    /// In the header alone (`client_secret_basic`).
    Basic,
    /// In the body alone (`client_secret_post`).
    Post,
}

/// One of the two ways that there are (OpenID Connect Core §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Basic,
    Post,
}

impl Method {
    /// Returns the way of those that a document offers. What it does not say is Basic (Discovery §3).
    pub(crate) fn of(offered: Option<&[String]>) -> Self {
        let offers_post = |all: &[String]| all.iter().any(|it| it == "client_secret_post");
        match offered.is_some_and(offers_post) {
            true => Self::Post,
            false => Self::Basic,
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Basic => Self::Post,
            Self::Post => Self::Basic,
        }
    }

    /// Returns the value of `client_auth` that means it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Post => "post",
        }
    }
}

/// What a request has of its sender: a header, or parameters of the body.
pub(crate) struct Credentials<'a> {
    pub(crate) header: Option<HeaderValue>,
    pub(crate) parameters: Vec<(&'static str, &'a str)>,
}

impl<'a> Credentials<'a> {
    /// Returns what says that a request is this client's. A public client has its id alone
    /// (RFC 6749 §3.2.1).
    pub(crate) fn new(method: Method, id: &'a str, secret: Option<&'a SecretString>) -> Self {
        match (method, secret) {
            (Method::Basic, Some(secret)) => Self {
                header: Some(basic(id, secret)),
                parameters: Vec::new(),
            },
            (_, secret) => Self {
                header: None,
                parameters: core::iter::once(("client_id", id))
                    .chain(secret.map(|it| ("client_secret", it.expose_secret())))
                    .collect(),
            },
        }
    }
}

/// Returns the header (RFC 6749 §2.3.1, RFC 7617 §2).
fn basic(id: &str, secret: &SecretString) -> HeaderValue {
    let pair = pair(id, secret);
    // No letter of base64 is one that a header may not have.
    let header = HeaderValue::try_from(format!("Basic {}", pair.expose_secret()));
    let mut header = header.unwrap_or_else(|_| HeaderValue::from_static("Basic"));
    header.set_sensitive(true);
    header
}

/// Returns the id and the secret as the header has them.
pub(crate) fn pair(id: &str, secret: &SecretString) -> SecretString {
    // The first colon ends the id: one in it is encoded, one in the secret needs not be.
    let secret = utf8_percent_encode(secret.expose_secret(), READ_OTHERWISE);
    let pair = format!("{}:{secret}", utf8_percent_encode(id, IN_AN_ID));
    base64_simd::STANDARD.encode_to_string(pair).into()
}

/// What would be read as something else where it is decoded, as a form or by percent signs. Nothing else is
/// encoded: some providers decode nothing.
const READ_OTHERWISE: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'+');
const IN_AN_ID: &AsciiSet = &READ_OTHERWISE.add(b':');

/// What an answer says of the credentials that it was asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Taken,
    /// They are refused, by name.
    Refused,
    /// A 401, which may be about them.
    Unauthorized,
    Nothing,
}

impl Verdict {
    pub(crate) fn of(answer: &Response<Vec<u8>>) -> Self {
        let status = answer.status();
        let error = error(answer);
        match error.as_deref() {
            _ if status.is_success() => Self::Taken,
            _ if !status.is_client_error() => Self::Nothing,
            Some(INVALID_CLIENT | UNAUTHORIZED_CLIENT) => Self::Refused,
            // Who is told so was known before.
            Some("invalid_grant") => Self::Taken,
            // Some providers answer so to a token that they do not know, which anybody can show.
            Some("invalid_token") => Self::Nothing,
            _ if status == StatusCode::UNAUTHORIZED => Self::Unauthorized,
            _ => Self::Nothing,
        }
    }
}

/// Returns whether the answer refuses the client's own credentials. A 401 that names another error is
/// not about the client.
pub(crate) fn refuses_client(answer: &Response<Vec<u8>>) -> bool {
    match Verdict::of(answer) {
        Verdict::Refused => true,
        Verdict::Unauthorized => error(answer).is_none(),
        Verdict::Taken | Verdict::Nothing => false,
    }
}

/// Returns whether the answer misses what says whose the request is, as one does that is asked in a way that
/// it does not know.
pub(crate) fn lacks_client(answer: &Response<Vec<u8>>) -> bool {
    error(answer).as_deref() == Some("invalid_request")
}

fn error(answer: &Response<Vec<u8>>) -> Option<String> {
    #[derive(Deserialize)]
    struct OAuthError {
        error: String,
    }
    let body: Option<OAuthError> = serde_json::from_slice(answer.body()).ok();
    body.map(|body| body.error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::form_urlencoded;

    /// Returns what the header has, decoded from base64 alone.
    fn pair(id: &str, secret: &str) -> String {
        let secret = SecretString::from(secret);
        let header = Credentials::new(Method::Basic, id, Some(&secret)).header;
        let header = header.unwrap();
        let header = header.to_str().unwrap().strip_prefix("Basic ").unwrap();
        let pair = base64_simd::STANDARD.decode_to_vec(header).unwrap();
        String::from_utf8(pair).unwrap()
    }

    #[test]
    fn what_is_offered_decides_and_silence_is_basic() {
        let of = |offered: &[&str]| {
            let offered: Vec<_> = offered.iter().map(|&it| it.to_owned()).collect();
            Method::of(Some(&offered))
        };
        assert_eq!(Method::of(None), Method::Basic);
        assert_eq!(of(&["client_secret_basic"]), Method::Basic);
        assert_eq!(of(&["client_secret_post"]), Method::Post);
        let both = ["client_secret_basic", "client_secret_post"];
        assert_eq!(of(&both), Method::Post);
        for neither in [&["none", "private_key_jwt"][..], &[]] {
            assert_eq!(of(neither), Method::Basic);
        }
        let names = [Method::Basic, Method::Post].map(Method::name);
        assert_eq!(names, ["basic", "post"]);
    }

    #[test]
    fn they_are_in_the_header_or_in_the_body_and_never_in_both() {
        let secret = SecretString::from("s");
        let basic = Credentials::new(Method::Basic, "app", Some(&secret));
        assert!(basic.header.is_some_and(|it| it.is_sensitive()));
        assert_eq!(basic.parameters, []);
        let post = Credentials::new(Method::Post, "app", Some(&secret));
        assert_eq!(post.header, None);
        let expected = [("client_id", "app"), ("client_secret", "s")];
        assert_eq!(post.parameters, expected);
        for method in [Method::Basic, Method::Post] {
            let public = Credentials::new(method, "app", None);
            assert_eq!(public.header, None);
            assert_eq!(public.parameters, [("client_id", "app")]);
        }
    }

    #[test]
    fn only_what_needs_it_is_encoded() {
        let plain = "!\"#$&'()*,-./09:;<=>?@AZ[\\]^_`az{|}~";
        assert_eq!(pair("app", plain), format!("app:{plain}"));
        assert_eq!(pair("app", "a+b%c d"), "app:a%2Bb%25c%20d");
        assert_eq!(pair("app", "ü€\u{7f}"), "app:%C3%BC%E2%82%AC%7F");
        assert_eq!(pair("a:b+c", "d:e"), "a%3Ab%2Bc:d:e");
    }

    #[test]
    fn each_way_of_decoding_gives_what_was_written() {
        for secret in [
            ":",
            "a:b:c",
            "+",
            "%",
            "%41",
            "a b",
            "grün: 100 % + 1 €",
            "a&b=c",
        ] {
            let pair = pair("an:id ä", secret);
            let (id, encoded) = pair.split_once(':').unwrap();
            for (encoded, expected) in [(id, "an:id ä"), (encoded, secret)] {
                let form = format!("x={}", encoded.replace('&', "%26"));
                let (_, as_form) = form_urlencoded::parse(form.as_bytes()).next().unwrap();
                assert_eq!(as_form, expected);
                // By percent signs alone, where a plus is a plus.
                let form = form.replace('+', "%2B");
                let (_, by_percent) = form_urlencoded::parse(form.as_bytes()).next().unwrap();
                assert_eq!(by_percent, expected);
            }
        }
    }

    #[test]
    fn a_refusal_of_the_client_is_told_from_one_of_a_token() {
        let answer = |status: u16, body: &str| {
            let mut answer = Response::new(Vec::from(body));
            *answer.status_mut() = StatusCode::from_u16(status).unwrap();
            answer
        };
        for (status, body, verdict, refuses) in [
            (200, "{}", Verdict::Taken, false),
            (201, "", Verdict::Taken, false),
            (400, r#"{"error":"invalid_grant"}"#, Verdict::Taken, false),
            (401, r#"{"error":"invalid_grant"}"#, Verdict::Taken, false),
            (401, r#"{"error":"invalid_client"}"#, Verdict::Refused, true),
            (400, r#"{"error":"invalid_client"}"#, Verdict::Refused, true),
            (
                400,
                r#"{"error":"unauthorized_client"}"#,
                Verdict::Refused,
                true,
            ),
            (
                403,
                r#"{"error":"unauthorized_client"}"#,
                Verdict::Refused,
                true,
            ),
            (401, "", Verdict::Unauthorized, true),
            (401, "{}", Verdict::Unauthorized, true),
            (401, r#"{"statusCode":401}"#, Verdict::Unauthorized, true),
            (
                401,
                r#"{"error":"Unauthorized"}"#,
                Verdict::Unauthorized,
                false,
            ),
            (401, r#"{"error":"invalid_token"}"#, Verdict::Nothing, false),
            (
                400,
                r#"{"error":"invalid_request"}"#,
                Verdict::Nothing,
                false,
            ),
            (403, "", Verdict::Nothing, false),
            (404, r#"{"error":5}"#, Verdict::Nothing, false),
            (
                302,
                r#"{"error":"invalid_client"}"#,
                Verdict::Nothing,
                false,
            ),
        ] {
            let answer = answer(status, body);
            assert_eq!(Verdict::of(&answer), verdict, "{status} {body}");
            assert_eq!(refuses_client(&answer), refuses, "{status} {body}");
        }
    }

    #[test]
    fn a_request_without_a_client_is_told_that_it_is_invalid_in_whatever_way() {
        for (body, expected) in [
            (r#"{"error":"invalid_request"}"#, true),
            (r#"{"error":"invalid_client"}"#, false),
            ("invalid_request", false),
            ("", false),
        ] {
            let answer = Response::new(body.as_bytes().to_vec());
            assert_eq!(lacks_client(&answer), expected, "{body}");
        }
    }
}
