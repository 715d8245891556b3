//! What a redirect is made of.

use authsafe_rules::text;
use percent_encoding::{AsciiSet, utf8_percent_encode};
use url::form_urlencoded::Serializer;
use url::{Position, Url};

use super::reason::Reason;

/// A local path to send a browser to: `/dashboard?tab=2#top`. Never another origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

impl ReturnTo {
    /// Parses a `returnTo`, a landing page or an `after_logout`.
    ///
    /// # Errors
    ///
    /// What could leave the origin or is read in more than one way is refused: a second `/` or a
    /// `\` at the start, also percent-encoded, a `\` anywhere, control characters, also percent-encoded
    /// unless they are of the query or the fragment, anything that is not ASCII, more than [`limit::TARGET`](authsafe_rules::limit::TARGET) bytes.
    pub(crate) fn parse(text: &str) -> Result<Self, Reason> {
        text::local_target(text).map_err(|_| Reason("is no path of this app"))?;
        Ok(Self(text.to_owned()))
    }

    /// Parses a `returnTo` as a request writes it: the path, or a URL of the app's own origin. What one
    /// decoding has left outside of ASCII, and spaces, are encoded again (RFC 3986 §2.1).
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub(crate) fn asked_for(text: &str, app: &str) -> Result<Self, Reason> {
        // The parser drops some controls, as browsers do.
        let is_plain = !text.contains(char::is_control);
        let url = is_plain.then(|| Url::parse(text).ok()).flatten();
        let own = url.filter(|url| {
            let has_user = !url.username().is_empty() || url.password().is_some();
            url.origin().ascii_serialization() == app && !has_user
        });
        match own {
            Some(url) => Self::parse(&url[Position::BeforePath..]),
            None => Self::parse(&utf8_percent_encode(text, SPACE).to_string()),
        }
    }

    /// Returns the path, with its query and fragment.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Controls stay, and are refused.
const SPACE: &AsciiSet = &AsciiSet::EMPTY.add(b' ');

/// The place to which an answer sends a browser: a path of this app, or a URL of its provider. Visible
/// ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location(String);

impl Location {
    /// Takes a path that the attribute says, an endpoint's or a landing page's. The place is `/` where it
    /// would leave the origin.
    pub(crate) fn of_app(path: &str) -> Self {
        ReturnTo::parse(path).map_or_else(|_| Self("/".to_owned()), Self::from)
    }

    /// Adds parameters to its query, before a fragment.
    pub(crate) fn with_query(self, pairs: &[(&str, &str)]) -> Self {
        let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
        if query.is_empty() {
            return self;
        }
        let end = self.0.find('#').unwrap_or(self.0.len());
        let (path, fragment) = self.0.split_at(end);
        let and = if path.contains('?') { '&' } else { '?' };
        Self(format!("{path}{and}{query}{fragment}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<ReturnTo> for Location {
    fn from(path: ReturnTo) -> Self {
        Self(path.0)
    }
}

impl From<Url> for Location {
    fn from(url: Url) -> Self {
        Self(url.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use authsafe_rules::limit;

    #[test]
    fn a_return_path_stays_on_the_origin() {
        for good in ["/", "/a", "/a/b?x=1&y=//z#top", "/%20", "/a//b", "/@x"] {
            assert!(ReturnTo::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/%2Fevil.example",
            "/%2fevil",
            "/%5cevil",
            "/a\\b",
            "/a b",
            "/ä",
            "/\u{0}",
            "\\/x",
            "/\r\nSet-Cookie:x",
        ] {
            assert!(ReturnTo::parse(bad).is_err(), "{bad:?}");
        }
        assert!(ReturnTo::parse(&format!("/{}", "a".repeat(limit::TARGET))).is_err());
    }

    #[test]
    fn what_a_request_asks_to_come_back_to_is_a_path_of_the_app_in_one_spelling() {
        let path = |text: &str| {
            let path = ReturnTo::asked_for(text, "https://app.example");
            path.map_or("none".to_owned(), |it| it.0)
        };
        for (text, expected) in [
            ("/a?b=1#c", "/a?b=1#c"),
            ("/a b/\u{e4}?q=x y", "/a%20b/%C3%A4?q=x%20y"),
            ("/a%20b", "/a%20b"),
            ("/find?text=a%0Ab", "/find?text=a%0Ab"),
            ("https://app.example/a?b#c", "/a?b#c"),
            ("https://APP.example:443/a b", "/a%20b"),
            ("https://app.example", "/"),
            ("https://app.example?x", "/?x"),
            ("/\u{ff0f}evil.example", "/%EF%BC%8Fevil.example"),
        ] {
            assert_eq!(path(text), expected, "{text}");
        }
        for text in [
            "",
            " /a",
            "a",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/a\r\nb",
            "https://evil.example/a",
            "https://app.example.evil.example/",
            "https://app.example@evil.example/",
            "https://user@app.example/a",
            "https://app.example:8443/a",
            "http://app.example/a",
            "https://app.example//evil.example",
            "https://app.example/\\evil.example",
            "https://app.example/%2fevil.example",
            "/%0a%2Fevil.example",
            "https://app.example/%09/evil.example",
            "https://app.example/a\tb",
            "https://app.exa\nmple/a",
            "https://app.example/a\r\n",
            "javascript:alert(1)",
            "//app.example/a",
            "data:text/html,x",
        ] {
            assert_eq!(path(text), "none", "{text:?}");
        }
        let longest = format!("/{}", "a".repeat(limit::TARGET - 1));
        assert_eq!(path(&longest), longest);
        assert_eq!(path(&format!("{longest}a")), "none");
    }

    #[test]
    fn no_return_path_resolves_to_another_host() {
        let app = Url::parse("https://app.example").unwrap();
        for text in [
            "/",
            "/a//b",
            "/.//evil.example",
            "/..//evil.example",
            "/%2e/x",
            "/:80",
            "/;/x",
        ] {
            if let Ok(path) = ReturnTo::parse(text) {
                let url = app.join(path.as_str()).unwrap();
                assert_eq!(url.host_str(), Some("app.example"), "{text}");
            }
        }
    }

    #[test]
    fn a_location_is_a_path_of_this_app_or_a_url_of_the_provider() {
        assert_eq!(Location::of_app("/a?b=c").as_str(), "/a?b=c");
        assert_eq!(Location::of_app("//evil.example").as_str(), "/");
        let sign_in = Location::of_app("/signin");
        assert_eq!(sign_in.clone().with_query(&[]), sign_in);
        let back = sign_in.with_query(&[("returnTo", "/a&b\r\nx"), ("max_age", "1")]);
        assert_eq!(back.as_str(), "/signin?returnTo=%2Fa%26b%0D%0Ax&max_age=1");
        let page = Location::of_app("/a?b=c#d?e").with_query(&[("f", "g")]);
        assert_eq!(page.as_str(), "/a?b=c&f=g#d?e");
        let url = Url::parse("https://id.example/ä?x=ö").unwrap();
        assert_eq!(
            Location::from(url).as_str(),
            "https://id.example/%C3%A4?x=%C3%B6"
        );
    }
}
