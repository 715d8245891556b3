//! What the provider says when it refuses, in its own words (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3): for
//! the log, and for nothing else.

use core::fmt;

use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use super::client_auth::{INVALID_CLIENT, UNAUTHORIZED_CLIENT};

/// The most characters of the provider's own words in a log line.
const MAX_WORDS: usize = 200;

/// The most characters of a media type in a log line.
const MAX_MEDIA_TYPE: usize = 60;

/// An answer that cannot be read, as a log line tells of it: its status and its media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable {
    status: StatusCode,
    media_type: String,
}

impl Unreadable {
    /// Takes it from an answer.
    pub(crate) fn of<B>(answer: &Response<B>) -> Self {
        Self {
            status: answer.status(),
            media_type: printable_media_type(answer.headers()),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_u16();
        match self.media_type.as_str() {
            "" => write!(f, "{status}, of no media type"),
            media_type => write!(f, "{status} {media_type}"),
        }
    }
}

/// Returns the media type without its parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let kind = value.and_then(|it| it.split(';').next());
    kind.unwrap_or_default().trim()
}

/// Returns the media type printable and cut.
fn printable_media_type(headers: &HeaderMap) -> String {
    let kind = media_type(headers).chars();
    let kind = kind.filter(char::is_ascii_graphic);
    kind.take(MAX_MEDIA_TYPE).collect()
}

/// A refusal: its status, if it is an answer to the app; `error` and `error_description`, printable and cut, or
/// the media type of an answer that says nothing that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: Option<StatusCode>,
    about: About,
    error: String,
    description: String,
    media_type: String,
}

/// What a refusal is about, by the standard's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The client's own credentials.
    Client,
    /// Our request.
    Request,
    /// What the request shows.
    Shown,
    /// The provider itself, which cannot answer now.
    Trouble,
    /// Nobody knows.
    Unknown,
}

impl About {
    /// Reads an error of RFC 6749 §5.2, or one that providers say in its place.
    fn of(error: &str) -> Self {
        match error {
            INVALID_CLIENT => Self::Client,
            UNAUTHORIZED_CLIENT
            | "invalid_request"
            | "invalid_scope"
            | "unsupported_grant_type" => Self::Request,
            "invalid_grant" | "invalid_token" | "expired_token" | "access_denied" => Self::Shown,
            // Its user has to be asked, which no refresh does.
            "login_required" | "interaction_required" | "consent_required" | "mfa_required" => {
                Self::Shown
            }
            "temporarily_unavailable" | "server_error" => Self::Trouble,
            _ => Self::Unknown,
        }
    }
}

#[derive(Default, Deserialize)]
struct Members {
    error: Option<Value>,
    error_description: Option<Value>,
}

impl Refusal {
    /// Reads an answer to a form. What was sent is kept out of what is told of it.
    pub(crate) fn of(answer: &Response<Vec<u8>>, sent: &[(&str, &str)]) -> Self {
        Self::read(answer.status(), answer.headers(), answer.body(), sent)
    }

    /// Reads the parts of an answer.
    pub(crate) fn read(
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        sent: &[(&str, &str)],
    ) -> Self {
        let members = serde_json::from_slice::<Members>(body).unwrap_or_default();
        let challenge = headers.get(WWW_AUTHENTICATE);
        let challenge = challenge
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default();
        let error = members.error.as_ref().and_then(Value::as_str);
        let about = About::of(error.unwrap_or_default());
        let said = |member: Option<Value>, name| match member {
            Some(Value::String(text)) => words(&text, sent),
            _ => words(parameter(challenge, name).unwrap_or_default(), sent),
        };
        Self {
            status: Some(status),
            about,
            error: said(members.error, "error"),
            description: said(members.error_description, "error_description"),
            media_type: printable_media_type(headers),
        }
    }

    /// Takes the words that a browser brings.
    pub(crate) fn brought(error: &str, description: &str) -> Self {
        Self {
            status: None,
            about: About::Unknown,
            error: words(error, &[]),
            description: words(description, &[]),
            media_type: String::new(),
        }
    }

    /// Returns the refusal of this app by an endpoint that does not take its credentials.
    pub(crate) fn of_client() -> Self {
        Self {
            status: Some(StatusCode::UNAUTHORIZED),
            about: About::Client,
            error: INVALID_CLIENT.to_owned(),
            description: "the app's own credentials are not taken".to_owned(),
            media_type: String::new(),
        }
    }

    /// Returns whether the provider does not take the client's own credentials.
    pub(crate) fn is_of_client(&self) -> bool {
        self.about == About::Client
    }

    pub(super) fn about(&self) -> About {
        self.about
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(status) = self.status {
            write!(f, "{}", status.as_u16())?;
        }
        if !self.error.is_empty() {
            let space = if self.status.is_some() { " " } else { "" };
            write!(f, "{space}`{}`", self.error)?;
        }
        match self.description.as_str() {
            "" if self.error.is_empty() && !self.media_type.is_empty() => {
                write!(f, " {}", self.media_type)
            }
            "" => Ok(()),
            description => write!(f, ": {description}"),
        }
    }
}

/// Returns a parameter of a challenge: what stands in quotes.
fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let begins = format!("{name}=\"");
    let at = challenge.match_indices(&begins).find(|(at, _)| {
        let before = challenge[..*at].chars().next_back();
        before.is_none_or(|c| c == ' ' || c == ',')
    });
    let (at, _) = at?;
    challenge.get(at + begins.len()..)?.split('"').next()
}

/// Returns a secret as an answer may repeat it: as it is, in a form, and in HTML.
pub(crate) fn spellings(secret: &str) -> [String; 3] {
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;");
    [secret.to_owned(), form, html]
}

/// Cuts the provider's own words to what a log line can bear, without what was sent. Letters are left out first:
/// what stands around them may be what was sent.
fn words(text: &str, sent: &[(&str, &str)]) -> String {
    let mut words = printable(text);
    for (name, secret) in sent {
        if *name != "grant_type" {
            for spelling in spellings(secret).map(|it| printable(&it)) {
                if !spelling.is_empty() {
                    words = words.replace(&spelling, "...");
                }
            }
        }
    }
    words.chars().take(MAX_WORDS).collect()
}

/// Leaves out what is neither visible ASCII nor a space.
fn printable(text: &str) -> String {
    let is_printable = |c: &char| c.is_ascii_graphic() || *c == ' ';
    text.chars().filter(is_printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(challenge: &str, body: &str) -> String {
        let headers = (WWW_AUTHENTICATE, challenge.parse().unwrap());
        let headers: HeaderMap = [headers].into_iter().collect();
        let sent = [("access_token", "s3cret")];
        Refusal::read(StatusCode::FORBIDDEN, &headers, body.as_bytes(), &sent).to_string()
    }

    #[test]
    fn its_words_are_in_the_body_or_in_the_challenge() {
        let body = r#"{"error":"invalid_token","error_description":"s3cret has ended\u0000"}"#;
        assert_eq!(told("", body), "403 `invalid_token`: ... has ended");
        let challenge =
            r#"Bearer realm="x",error="insufficient_scope", error_description="ask for s3cret""#;
        let expected = "403 `insufficient_scope`: ask for ...";
        assert_eq!(told(challenge, "<html>"), expected);
        let described = r#"Bearer error_description="late""#;
        assert_eq!(told(described, ""), "403: late");
        for silent in ["", "Basic", r#"Bearer my_error="x""#] {
            assert_eq!(told(silent, r#"{"error":{"code":5}}"#), "403");
        }
    }

    #[test]
    fn what_was_sent_is_hidden_also_where_letters_are_left_out_of_it() {
        let told = |said: &str, sent: &str| {
            let body = serde_json::json!({"error_description": said}).to_string();
            let sent = [("code", sent), ("grant_type", "code")];
            let (status, headers) = (StatusCode::BAD_REQUEST, HeaderMap::new());
            Refusal::read(status, &headers, body.as_bytes(), &sent).to_string()
        };
        for said in ["s3c\u{e4}ret", "s3\u{0}cret", "\u{200b}s3cr\n\u{200b}et"] {
            assert_eq!(told(said, "s3cret"), "400: ...", "{said:?}");
        }
        assert_eq!(
            told("a p\u{e4}ss is no code", "p\u{e4}ss"),
            "400: a ... is no code"
        );
        assert_eq!(told("a&amp;b, a%26b", "a&b"), "400: ..., ...");
        assert_eq!(told("a word", ""), "400: a word");
        assert_eq!(told("a word", "\u{e4}"), "400: a word");
    }

    #[test]
    fn an_answer_that_says_nothing_is_told_by_its_media_type() {
        let told = |kind: &'static str, body: &str| {
            let headers = (!kind.is_empty()).then(|| (CONTENT_TYPE, kind.parse().unwrap()));
            let headers: HeaderMap = headers.into_iter().collect();
            Refusal::read(StatusCode::BAD_GATEWAY, &headers, body.as_bytes(), &[]).to_string()
        };
        assert_eq!(told("text/html; charset=utf-8", "<html>"), "502 text/html");
        assert_eq!(told("", "<html>"), "502");
        let said = r#"{"error":"busy"}"#;
        assert_eq!(told("application/json", said), "502 `busy`");
        let mut unreadable = Response::new(());
        assert_eq!(
            Unreadable::of(&unreadable).to_string(),
            "200, of no media type"
        );
        let long = format!("text/{}; charset=utf-8", "x".repeat(300));
        let headers = unreadable.headers_mut();
        headers.insert(CONTENT_TYPE, long.parse().unwrap());
        let told = Unreadable::of(&unreadable).to_string();
        assert_eq!(told, format!("200 text/{}", "x".repeat(MAX_MEDIA_TYPE - 5)));
    }

    #[test]
    fn what_a_browser_brings_is_printable_and_cut() {
        let told = Refusal::brought("access_denied\n", &"x".repeat(300)).to_string();
        assert!(
            told.starts_with("`access_denied`: xxx") && told.len() < 250,
            "{told}"
        );
        assert_eq!(Refusal::brought("", "").to_string(), "");
    }
}
