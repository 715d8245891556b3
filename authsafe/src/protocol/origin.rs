//! Cross-site requests: logout and refresh answer the app's own pages only.

use http::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERER};

/// Was the request made by a page of the app, or by no page at all?
///
/// A browser says so itself in `Sec-Fetch-Site` (W3C Fetch Metadata §2.4), which no page can set;
/// an older one sends `Origin` with every POST (RFC 6454 §7), or a `Referer`. A client that sends
/// none of them is no browser, and has nobody's cookies but its own.
pub(crate) fn is_own(headers: &HeaderMap, app_origin: &str) -> bool {
    let header = |name| headers.get(name).map(HeaderValue::as_bytes);
    if let Some(site) = header(HeaderName::from_static("sec-fetch-site")) {
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
