//! Cross-site requests: who asks to change something, with the cookies of whoever is in front of the
//! browser, has to be a page of the app's own.

use http::Method;
use http::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERER, UPGRADE};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins whose pages may ask to change something (RFC 6454 §6.2).
#[derive(Debug)]
pub(crate) struct OwnOrigins {
    app: String,
    others: Vec<String>,
}

impl OwnOrigins {
    /// The app's own, and others that it takes for its own.
    pub(crate) fn new(app: String, others: Vec<String>) -> Self {
        Self { app, others }
    }

    /// Returns the app's own.
    pub(crate) fn app(&self) -> &str {
        &self.app
    }

    /// Returns whether the request was made by a page of one of them, or by no page at all.
    ///
    /// A browser says so itself in `Sec-Fetch-Site` (W3C Fetch Metadata §2.4), which no page can set;
    /// it sends `Origin` with every POST (RFC 6454 §7), or a `Referer`: an older one those alone. A client
    /// that sends none of them is no browser, and has nobody's cookies but its own. One that sends one of
    /// them twice is no browser either, and means to be read in two ways.
    pub(crate) fn made(&self, headers: &HeaderMap) -> bool {
        self.made_by(headers, &self.others)
    }

    /// Returns the same of the app's own origin alone.
    pub(crate) fn made_by_app(&self, headers: &HeaderMap) -> bool {
        self.made_by(headers, &[])
    }

    fn made_by(&self, headers: &HeaderMap, others: &[String]) -> bool {
        let is_other = |page: Page<'_>| others.iter().any(|origin| page.is_of(origin));
        let twice = |name: &HeaderName| headers.get_all(name).iter().nth(1).is_some();
        if [SEC_FETCH_SITE, ORIGIN, REFERER].iter().any(twice) {
            return false;
        }
        let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
        match (site, page(headers)) {
            (Some(b"same-origin" | b"none"), _) | (None, None) => true,
            // Of another origin, by the browser's word.
            (Some(_), page) => page.is_some_and(is_other),
            (None, Some(page)) => page.is_of(&self.app) || is_other(page),
        }
    }
}

/// The page that made a request.
#[derive(Clone, Copy)]
enum Page<'r> {
    Of(&'r [u8]),
    At(&'r [u8]),
}

fn page(headers: &HeaderMap) -> Option<Page<'_>> {
    let header = |name| headers.get(name).map(HeaderValue::as_bytes);
    header(ORIGIN)
        .map(Page::Of)
        .or_else(|| header(REFERER).map(Page::At))
}

impl Page<'_> {
    fn is_of(self, origin: &str) -> bool {
        match self {
            Self::Of(it) => it == origin.as_bytes(),
            Self::At(url) => url
                .strip_prefix(origin.as_bytes())
                .is_some_and(|rest| matches!(rest, [] | [b'/', ..])),
        }
    }
}

/// Returns which origin's page made a request, as far as it says, for the log.
pub(crate) fn asker(headers: &HeaderMap) -> String {
    let printable = |text: &[u8]| {
        let text = text.iter().filter(|it| it.is_ascii_graphic()).take(200);
        text.map(|&it| char::from(it)).collect::<String>()
    };
    match page(headers) {
        Some(Page::Of(origin)) => printable(origin),
        // Of a URL no more than the origin: the rest may be somebody's secret.
        Some(Page::At(url)) => printable(url)
            .split('/')
            .take(3)
            .collect::<Vec<_>>()
            .join("/"),
        None => "of a page that does not say".to_owned(),
    }
}

/// Returns whether a request may change something: by its method (RFC 9110 §9.2.1); and one that asks for another
/// protocol: a WebSocket begins with GET, and no browser keeps it from other origins' pages (RFC
/// 6455 §10.2).
pub(crate) fn may_change(method: &Method, headers: &HeaderMap) -> bool {
    !method.is_safe() || headers.contains_key(UPGRADE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_own_with(name: &'static str, value: &'static str) -> bool {
        let headers = [(
            http::HeaderName::from_static(name),
            http::HeaderValue::from_static(value),
        )];
        is_own(&headers.into_iter().collect(), "https://app.example")
    }

    fn is_own(headers: &HeaderMap, app: &str) -> bool {
        OwnOrigins::new(app.to_owned(), Vec::new()).made(headers)
    }

    #[test]
    fn the_apps_own_pages_pass() {
        assert!(is_own_with("sec-fetch-site", "same-origin"));
        assert!(is_own_with("sec-fetch-site", "none"));
        assert!(is_own_with("origin", "https://app.example"));
        assert!(is_own_with("referer", "https://app.example/page?x"));
        assert!(is_own_with("referer", "https://app.example"));
    }

    #[test]
    fn a_client_that_is_no_browser_passes() {
        assert!(is_own(&HeaderMap::new(), "https://app.example"));
    }

    #[test]
    fn no_other_page_passes() {
        for site in ["cross-site", "same-site", "", "Same-Origin"] {
            assert!(!is_own_with("sec-fetch-site", site), "{site}");
        }
        for origin in [
            "https://evil.example",
            "http://app.example",
            "https://app.example:8443",
            "null",
            "",
            "https://app.example.evil.example",
            "https://app.example/",
        ] {
            assert!(!is_own_with("origin", origin), "{origin}");
        }
        for page in [
            "https://evil.example/",
            "https://app.example.evil.example/",
            "https://app.example:8443/",
            "",
        ] {
            assert!(!is_own_with("referer", page), "{page}");
        }
    }

    #[test]
    fn a_header_that_comes_twice_is_foreign() {
        let own = "https://app.example";
        for (name, one, other) in [
            ("sec-fetch-site", "same-origin", "same-origin"),
            ("sec-fetch-site", "same-origin", "cross-site"),
            ("origin", own, own),
            ("origin", own, "https://evil.example"),
            ("referer", "https://app.example/a", "https://app.example/a"),
        ] {
            let mut headers = HeaderMap::new();
            for value in [one, other] {
                headers.append(name, HeaderValue::from_static(value));
            }
            assert!(!is_own(&headers, own), "{name}: {one}, {other}");
            // Also where another header would have decided.
            let same = HeaderValue::from_static("same-origin");
            headers.entry(SEC_FETCH_SITE).or_insert(same);
            assert!(!is_own(&headers, own), "{name}: {one}, {other}");
        }
        assert!(!is_own_with("sec-fetch-site", "same-origin, same-origin"));
        assert!(!is_own_with(
            "origin",
            "https://app.example https://app.example"
        ));
    }

    #[test]
    fn a_method_that_is_not_known_to_be_safe_may_change_something() {
        let may_change = |method: &str| {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            super::may_change(&method, &HeaderMap::new())
        };
        for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
            assert!(!may_change(method), "{method}");
        }
        for method in ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "BREW", "get"] {
            assert!(may_change(method), "{method}");
        }
    }

    #[test]
    fn who_asks_for_a_web_socket_may_change_something() {
        let upgrade = [(UPGRADE, HeaderValue::from_static("websocket"))];
        assert!(may_change(&Method::GET, &upgrade.into_iter().collect()));
    }

    /// With `Referrer-Policy: no-referrer` a page's own forms have `Origin: null`.
    #[test]
    fn what_the_browser_says_of_the_site_counts_before_the_origin() {
        let both = |site: &'static str, origin: &'static str| {
            let header = |name, value| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            };
            let headers = [header("sec-fetch-site", site), header("origin", origin)];
            is_own(&headers.into_iter().collect(), "https://app.example")
        };
        assert!(both("same-origin", "null"));
        assert!(!both("cross-site", "https://app.example"));
    }

    #[test]
    fn pages_of_an_origin_that_is_allowed_pass_and_no_others() {
        let origins = ["https://admin.example".to_owned()].to_vec();
        let own = OwnOrigins::new("https://app.example".to_owned(), origins);
        let made = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            });
            own.made(&pairs.collect())
        };
        let (admin, evil) = ("https://admin.example", "https://evil.example");
        assert!(made(&[("origin", admin)]));
        assert!(made(&[("sec-fetch-site", "same-site"), ("origin", admin)]));
        assert!(made(&[("sec-fetch-site", "cross-site"), ("origin", admin)]));
        let at_admin = ("referer", "https://admin.example/orders");
        assert!(made(&[at_admin]));
        assert!(made(&[("sec-fetch-site", "same-site"), at_admin]));
        for headers in [
            &[("origin", evil)][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", evil)],
            &[
                ("sec-fetch-site", "same-site"),
                ("origin", "null"),
                at_admin,
            ],
            &[("origin", evil), at_admin],
            &[("origin", "https://admin.example.evil.example")],
            &[("origin", "http://admin.example")],
            &[("origin", "https://admin.example:8443")],
            &[("referer", "https://admin.example.evil.example/")],
            &[("referer", "https://admin.example@evil.example/")],
        ] {
            assert!(!made(headers), "{headers:?}");
        }
        // Not even with the leave of others, where the browser says that the page is another one.
        let app = ("origin", "https://app.example");
        assert!(!made(&[("sec-fetch-site", "cross-site"), app]));
    }

    #[test]
    fn the_log_names_the_origin_and_no_more_of_a_page() {
        let asker = |name: &'static str, value: &str| {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            let headers = [(HeaderName::from_static(name), value)];
            asker(&headers.into_iter().collect())
        };
        assert_eq!(asker("origin", "https://a.example"), "https://a.example");
        let url = "https://a.example/reset?token=s3cr3t";
        assert_eq!(asker("referer", url), "https://a.example");
        assert_eq!(asker("origin", "a\u{e9}\tb"), "ab");
        assert_eq!(asker("origin", &"x".repeat(9000)).len(), 200);
        assert_eq!(
            super::asker(&HeaderMap::new()),
            "of a page that does not say"
        );
    }

    #[test]
    fn a_page_of_another_origin_of_the_apps_is_not_one_of_the_app() {
        let origins = OwnOrigins::new(
            "https://app.example".to_owned(),
            vec!["https://shop.example".to_owned()],
        );
        assert_eq!(origins.app(), "https://app.example");
        for (origin, made, made_by_app) in [
            ("https://app.example", true, true),
            ("https://shop.example", true, false),
            ("https://evil.example", false, false),
        ] {
            let headers = [(ORIGIN, HeaderValue::from_static(origin))];
            let headers = headers.into_iter().collect();
            let found = (origins.made(&headers), origins.made_by_app(&headers));
            assert_eq!(found, (made, made_by_app), "{origin}");
        }
    }
}
