//! actix-web speaks http 0.2: its requests into http 1, our answers into its own.

use actix_web::http::header as old;
use actix_web::http::{StatusCode, Version as OldVersion};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, SET_COOKIE, VARY};
use http::request::Parts;
use http::{Extensions, Method, Uri, Version};

use crate::endpoint::ClientAddr;
use crate::response::Response;

/// A request without its body. `None` where http 1 does not take what http 0.2 took.
pub(super) fn parts(request: &HttpRequest) -> Option<Parts> {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = Method::from_bytes(request.method().as_str().as_bytes()).ok()?;
    parts.uri = uri(request.uri())?;
    parts.version = version(request.version());
    for (name, value) in request.headers() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        parts.headers.try_append(name, value).ok()?;
    }
    // What the app shares with its policies, and what its middleware found out for them.
    let shared = request.app_data::<Extensions>().cloned();
    let found = request.extensions().get::<Extensions>().cloned();
    for extensions in [shared, found].into_iter().flatten() {
        parts.extensions.extend(extensions);
    }
    let told = request.extensions().get::<ClientAddr>().copied();
    let peer = || request.peer_addr().map(|peer| ClientAddr(peer.ip()));
    if let Some(client) = told.or_else(peer) {
        parts.extensions.insert(client);
    }
    Some(parts)
}

pub(super) fn uri(uri: &actix_web::http::Uri) -> Option<Uri> {
    let text = match (uri.scheme(), uri.authority(), uri.path_and_query()) {
        (None, None, Some(path)) => path.as_str().to_owned(),
        _ => uri.to_string(),
    };
    Uri::from_maybe_shared(Bytes::from(text)).ok()
}

fn version(version: OldVersion) -> Version {
    match version {
        OldVersion::HTTP_09 => Version::HTTP_09,
        OldVersion::HTTP_10 => Version::HTTP_10,
        OldVersion::HTTP_2 => Version::HTTP_2,
        OldVersion::HTTP_3 => Version::HTTP_3,
        _ => Version::HTTP_11,
    }
}

/// An answer as actix-web sends it.
pub(super) fn response(response: Response) -> HttpResponse {
    // What http 1 took, http 0.2 takes; were it not so, nothing half said is sent.
    try_response(response).unwrap_or_else(|| HttpResponse::InternalServerError().finish())
}

fn try_response(response: Response) -> Option<HttpResponse> {
    let (parts, body) = response.into_parts();
    let status = StatusCode::from_u16(parts.status.as_u16()).ok()?;
    let mut response = HttpResponse::with_body(status, body).map_into_boxed_body();
    for (name, value) in &parts.headers {
        append(response.headers_mut(), name, value)?;
    }
    Some(response)
}

/// Returns whether a request is still for what it was for when it was converted, and has the headers that it had.
pub(super) fn is_same(parts: &Parts, request: &HttpRequest) -> bool {
    let (before, now) = (&parts.headers, request.headers());
    let is_had = |(name, value): (&old::HeaderName, &old::HeaderValue)| {
        let mut had = before.get_all(name.as_str()).iter();
        had.any(|it| it.as_bytes() == value.as_bytes())
    };
    parts.method.as_str() == request.method().as_str()
        && parts.uri.path() == request.uri().path()
        && parts.uri.query() == request.uri().query()
        && before.len() == now.len()
        && now.iter().all(is_had)
}

/// Returns what `write` does to those headers of a response that tell of sessions: those that it changes, with all
/// their values; and what it returns.
pub(super) fn changes<T>(
    headers: &old::HeaderMap,
    write: impl FnOnce(&mut HeaderMap) -> T,
) -> (HeaderMap, T) {
    let mut before = HeaderMap::new();
    for name in [VARY, CACHE_CONTROL, SET_COOKIE] {
        for value in headers.get_all(name.as_str()) {
            // As above, there is none that http 1 does not take.
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                before.append(name.clone(), value);
            }
        }
    }
    let mut after = before.clone();
    let written = write(&mut after);
    if before.is_empty() {
        return (after, written);
    }
    let changed = |name: &&HeaderName| after.get_all(*name) != before.get_all(*name);
    let mut changes = HeaderMap::new();
    for name in after.keys().filter(changed) {
        for value in after.get_all(name) {
            changes.append(name, value.clone());
        }
    }
    (changes, written)
}

/// Sets headers in the place of those of the same name.
pub(super) fn replace(headers: &mut old::HeaderMap, changes: &HeaderMap) {
    for name in changes.keys() {
        headers.remove(name.as_str());
    }
    for (name, value) in changes {
        let _ = append(headers, name, value);
    }
}

fn append(headers: &mut old::HeaderMap, name: &HeaderName, value: &HeaderValue) -> Option<()> {
    let name = old::HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
    let value = old::HeaderValue::from_bytes(value.as_bytes()).ok()?;
    headers.append(name, value);
    Some(())
}
