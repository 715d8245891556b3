//! Cross-site requests: who asks to change something, with the cookies of whoever is in front of the
//! browser, has to be a page of the app's own.

use http::Method;
use http::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERER, UPGRADE};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Returns whether the request was made by a page of the app, or by no page at all.
///
/// A browser says so itself in `Sec-Fetch-Site` (W3C Fetch Metadata §2.4), which no page can set;
/// an older one sends `Origin` with every POST (RFC 6454 §7), or a `Referer`. A client that sends
/// none of them is no browser, and has nobody's cookies but its own. One that sends one of them
/// twice is no browser either, and means to be read in two ways.
pub(crate) fn is_own(headers: &HeaderMap, app_origin: &str) -> bool {
    let twice = |name: &HeaderName| headers.get_all(name).iter().nth(1).is_some();
    if [SEC_FETCH_SITE, ORIGIN, REFERER].iter().any(twice) {
        return false;
    }
    let header = |name| headers.get(name).map(HeaderValue::as_bytes);
    if let Some(site) = header(SEC_FETCH_SITE) {
        return matches!(site, b"same-origin" | b"none");
    }
    if let Some(origin) = header(ORIGIN) {
        return origin == app_origin.as_bytes();
    }
    match header(REFERER) {
        Some(page) => page
            .strip_prefix(app_origin.as_bytes())
            .is_some_and(|rest| matches!(rest, [] | [b'/', ..])),
        None => true,
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
}
