//! The answers of the endpoints and guards, before any framework has seen them.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    LOCATION, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::types::Location;

/// A response with its whole body. Endpoints and guards return it, whatever the framework.
pub type Response = http::Response<Bytes>;

/// A JSON answer that nobody caches.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    // Our own plain structs always serialize; were one not to, the body is empty, never a panic.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut response = with_status(status, body.into());
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn with_status(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    harden(response.headers_mut());
    response
}

/// A page that nobody caches, with what it may do (CSP 3).
pub(crate) fn page(html: String, policy: Option<HeaderValue>) -> Response {
    let mut response = with_status(StatusCode::OK, html.into());
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    headers.extend(policy.map(|it| (CONTENT_SECURITY_POLICY, it)));
    response
}

/// `200 OK` with nothing in it.
pub(crate) fn empty() -> Response {
    with_status(StatusCode::OK, Bytes::new())
}

/// The same to a HEAD. It says its length, as some frameworks do and some do not.
pub(crate) fn empty_to_head() -> Response {
    let mut response = empty();
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    response
}

/// `503 Service Unavailable` with nothing in it, to a browser that asks before anybody has: it drops what it
/// got, and asks when somebody does.
pub(crate) fn not_ahead() -> Response {
    with_status(StatusCode::SERVICE_UNAVAILABLE, Bytes::new())
}

/// `303 See Other` (RFC 9110 §15.4.4): the browser follows it with GET, whatever it came with.
pub(crate) fn see_other(location: &Location) -> Response {
    let Ok(location) = HeaderValue::from_str(location.as_str()) else {
        // A location is visible ASCII, so this is not reached.
        return with_status(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new());
    };
    let mut response = with_status(StatusCode::SEE_OTHER, Bytes::new());
    response.headers_mut().insert(LOCATION, location);
    response
}

pub(crate) fn no_store(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// What endpoints answer, and guards in a handler's place: no cache keeps it, whoever comes next
/// does not learn its URL (Referrer Policy §3.1), and browsers take it for what it says it is.
pub(crate) fn harden(headers: &mut HeaderMap) {
    no_store(headers);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// An answer that depends on who asks: no cache hands it to somebody else (RFC 9111 §4.1), and one
/// that many share does not keep it (§5.2.2.7), unless whoever answers says more of caches.
pub(crate) fn depends_on_who_asks(headers: &mut HeaderMap, takes_tokens: bool) {
    vary(headers, varies_by(takes_tokens));
    let private = HeaderValue::from_static(PRIVATE);
    headers.entry(CACHE_CONTROL).or_insert(private);
}

/// What `Cache-Control` says of it.
pub(crate) const PRIVATE: &str = "private";

/// What `Vary` says of it.
pub(crate) fn varies_by(takes_tokens: bool) -> &'static str {
    match takes_tokens {
        true => "Cookie, Authorization",
        false => "Cookie",
    }
}

/// Adds to `Vary` those names that it does not have (RFC 9110 §12.5.5).
fn vary(headers: &mut HeaderMap, names: &'static str) {
    if !headers.contains_key(VARY) {
        headers.insert(VARY, HeaderValue::from_static(names));
        return;
    }
    for name in names.split(", ") {
        let had = headers.get_all(VARY).iter();
        let mut had = had.flat_map(|it| it.as_bytes().split(|byte| *byte == b','));
        let is_named = had.any(|it| {
            let it = it.trim_ascii();
            it == b"*" || it.eq_ignore_ascii_case(name.as_bytes())
        });
        if !is_named {
            headers.append(VARY, HeaderValue::from_static(name));
        }
    }
}

/// For this browser alone: no other site's page takes it in as a script, an image or a frame (Fetch
/// Standard, `Cross-Origin-Resource-Policy`).
pub(crate) fn for_this_browser(headers: &mut HeaderMap) {
    let corp = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(corp, HeaderValue::from_static("same-origin"));
    vary(headers, "Cookie");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(before: &[(HeaderName, &'static str)]) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        for (name, value) in before {
            headers.append(name, HeaderValue::from_static(value));
        }
        depends_on_who_asks(&mut headers, true);
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let headers = headers
            .iter()
            .map(|(name, it)| (name.to_string(), text(it)));
        let mut headers: Vec<_> = headers.collect();
        headers.sort();
        headers
    }

    #[test]
    fn what_the_handler_says_of_caches_stays() {
        for (before, after) in [
            (&[][..], "private | Cookie, Authorization"),
            (
                &[(CACHE_CONTROL, "max-age=60")],
                "max-age=60 | Cookie, Authorization",
            ),
            (
                &[(VARY, "Accept, cookie")],
                "private | Accept, cookie | Authorization",
            ),
            (
                &[(VARY, "Cookies")],
                "private | Authorization | Cookie | Cookies",
            ),
            (
                &[(VARY, "A"), (VARY, "B ,AUTHORIZATION")],
                "private | A | B ,AUTHORIZATION | Cookie",
            ),
            (&[(VARY, "*")], "private | *"),
        ] {
            let values: Vec<_> = marked(before).into_iter().map(|it| it.1).collect();
            assert_eq!(values.join(" | "), after);
        }
    }
}
