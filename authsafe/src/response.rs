//! The answers of the endpoints and guards, before any framework has seen them.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

/// A response with its whole body: what endpoints and guards answer, whatever the framework.
pub type Response = http::Response<Bytes>;

/// A JSON answer that nobody caches.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    // Our own plain structs always serialize; were one not to, the body is empty, never a panic.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    no_store(response.headers_mut());
    response
}

/// `200 OK` with nothing in it.
pub(crate) fn empty() -> Response {
    let mut response = Response::new(Bytes::new());
    no_store(response.headers_mut());
    response
}

/// `303 See Other` (RFC 9110 §15.4.4): the browser follows it with GET, whatever it came with.
pub(crate) fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        // A URL from `url::Url` or a checked local path is visible ASCII, so this is not reached.
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return response;
    };
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(LOCATION, location);
    no_store(response.headers_mut());
    response
}

pub(crate) fn no_store(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// An answer that depends on who asks: no cache takes one for another's, and no other site's page
/// takes it in as a script, an image or a frame (Fetch Standard, `Cross-Origin-Resource-Policy`).
pub(crate) fn for_this_browser(headers: &mut HeaderMap) {
    let corp = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(corp, HeaderValue::from_static("same-origin"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.append(VARY, HeaderValue::from_static("Cookie"));
}
