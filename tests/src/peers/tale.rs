//! What an app answered, written down so that two apps can be compared.

use authsafe::UnixSeconds;
use cookie::Cookie;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, DATE, LOCATION, SET_COOKIE};
use http::{HeaderName, HeaderValue};
use url::Url;

use super::{Framework, Peer};
use crate::Answer;

/// The answers of one story. What is random, and what differs between two runs on one
/// framework, is masked; every other header and every byte of the bodies is kept.
pub struct Tale {
    masks: Vec<(String, &'static str)>,
    began: UnixSeconds,
    told: Vec<String>,
}

/// What is random in URLs.
const RANDOM: [&str; 5] = ["state", "nonce", "code_challenge", "code", "id_token_hint"];

impl Tale {
    pub(super) fn of(peer: &Peer) -> Self {
        let encoded = |url: &str| url.replace(':', "%3A").replace('/', "%2F");
        let (app, provider) = (peer.url.as_str(), peer.provider.issuer());
        let port = Url::parse(app).unwrap().port().unwrap();
        let masks = [
            (format!("authsafe-{port}"), "authsafe"),
            (app.to_owned(), "{app}"),
            (encoded(app), "{app}"),
            (provider.to_owned(), "{provider}"),
            (encoded(provider), "{provider}"),
        ];
        Self {
            masks: masks.into(),
            began: peer.clock.now(),
            told: Vec::new(),
        }
    }

    /// Writes an answer down.
    pub fn tell(&mut self, what: &str, answer: &Answer) {
        let of_caches = answer.headers.get_all(CACHE_CONTROL).iter().count();
        assert!(of_caches <= 1, "{what}: {answer:#?}");
        let body = self.mask(&answer.body);
        let mut lines: Vec<String> = Vec::new();
        for (name, value) in &answer.headers {
            let value = value.to_str().unwrap();
            let value = match *name {
                // Of the connection, not of the answer (RFC 9110 §7.6.1): actix-web closes one
                // whose request had a body that nobody read, hyper reads on.
                DATE | CONNECTION => continue,
                CONTENT_LENGTH if body != answer.body => "{length}".to_owned(),
                LOCATION => self.location(value),
                SET_COOKIE => self.mask(&set_cookie(value)),
                _ => self.mask(value),
            };
            lines.push(format!("  {name}: {value}"));
        }
        // The order of headers means nothing, but for those of one name.
        lines.sort_by_key(|line| line.split(": ").next().map(str::to_owned));
        lines.insert(0, format!("{what}: {}", answer.status.as_u16()));
        if !body.is_empty() {
            lines.push(format!("  {body}"));
        }
        self.told.push(lines.join("\n"));
    }

    /// Writes something else down.
    pub fn note(&mut self, what: &str) {
        self.told.push(self.mask(what));
    }

    pub(super) fn told(self) -> Vec<String> {
        self.told
    }

    fn mask(&self, text: &str) -> String {
        let masks = self.masks.iter();
        let text = masks.fold(text.to_owned(), |text, (what, mask)| {
            text.replace(what, mask)
        });
        let word = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        let mut masked = String::new();
        for part in text.split_inclusive(|c| !word(c)) {
            let (word, rest) = part.split_at(part.trim_end_matches(|c| !word(c)).len());
            masked += &self.word(word);
            masked += rest;
        }
        masked
    }

    /// A time as what has passed since the beginning; a token as any token.
    fn word(&self, word: &str) -> String {
        match word.parse::<UnixSeconds>() {
            Ok(time) if time >= self.began => format!("{{began + {}}}", time - self.began),
            _ if word.starts_with("eyJ") => "{token}".to_owned(),
            _ => word.to_owned(),
        }
    }

    fn location(&self, value: &str) -> String {
        let Ok(mut url) = Url::parse(value) else {
            return self.mask(value);
        };
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        if !pairs.is_empty() {
            url.query_pairs_mut().clear();
        }
        for (name, value) in pairs {
            let random = RANDOM.contains(&name.as_str());
            let value = if random { "RANDOM" } else { &value };
            url.query_pairs_mut().append_pair(&name, value);
        }
        self.mask(url.as_str())
    }
}

/// The name and the attributes of a cookie, and whether it has a value.
fn set_cookie(header: &str) -> String {
    let cookie = Cookie::parse(header).unwrap();
    let attributes = header.split_once(';').map_or("", |(_, rest)| rest);
    let name = match cookie.name().rsplit_once(".tx.") {
        Some((prefix, _)) => format!("{prefix}.tx.RANDOM"),
        None => cookie.name().to_owned(),
    };
    let value = if cookie.value().is_empty() {
        ""
    } else {
        "SEALED"
    };
    format!("{name}={value};{attributes}")
}

#[track_caller]
pub(super) fn assert_alike(framework: Framework, axum: &[String], other: &[String]) {
    for (axum, other) in axum.iter().zip(other) {
        assert!(
            axum == other,
            "axum answers\n{axum}\n\n{framework:?} answers\n{other}\n"
        );
    }
    assert_eq!(axum.len(), other.len());
}

impl Answer {
    /// An answer as it came over the socket.
    pub(super) fn read(url: Url, text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        Self {
            app_url: url.clone(),
            url,
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }
}
