//! Cross-site requests: logout and refresh answer the app's own pages only.

use http::HeaderMap;
use http::header::ORIGIN;

/// Was the request made by a page of the app, or by no page at all?
///
/// Browsers send `Origin` with every POST (RFC 6454 §7), and `Sec-Fetch-Site` (W3C Fetch
/// Metadata §2.4). A client that sends neither is no browser, and has nobody's cookies but its own.
pub(crate) fn is_own(headers: &HeaderMap, app_origin: &str) -> bool {
    if let Some(origin) = headers.get(ORIGIN) {
        return origin.as_bytes() == app_origin.as_bytes();
    }
    headers
        .get("sec-fetch-site")
        .is_none_or(|site| matches!(site.as_bytes(), b"same-origin" | b"none"))
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
        assert!(is_own_with("origin", "https://app.example"));
        assert!(is_own_with("sec-fetch-site", "same-origin"));
        assert!(is_own(&HeaderMap::new(), "https://app.example"));
    }

    #[test]
    fn no_other_page_passes() {
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
        assert!(!is_own_with("sec-fetch-site", "cross-site"));
        assert!(!is_own_with("sec-fetch-site", "same-site"));
    }
}
