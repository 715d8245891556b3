//! The router, and what happens to every call before its endpoint sees it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use super::endpoint::Endpoint;
use super::shared::Shared;
use super::{authorize, discovery, introspect, logout, pages, revoke, token, userinfo};

/// Serves until it is cancelled.
pub(super) async fn run(listener: TcpListener, shared: Arc<Shared>) {
    // `axum::serve` comes to no end by itself, and to no error.
    let _ = axum::serve(listener, router(shared)).await;
}

fn router(shared: Arc<Shared>) -> Router {
    let document = shared.document_path();
    Router::new()
        .route(&document, get(discovery::document))
        .route(Endpoint::Jwks.path(), get(discovery::jwks))
        .route(
            Endpoint::Authorize.path(),
            get(authorize::authorize).post(authorize::authorize),
        )
        .route(Endpoint::Token.path(), post(token::token))
        .route(
            Endpoint::UserInfo.path(),
            get(userinfo::userinfo).post(userinfo::userinfo),
        )
        .route(Endpoint::Revoke.path(), post(revoke::revoke))
        .route(Endpoint::Introspect.path(), post(introspect::introspect))
        .route(
            Endpoint::Logout.path(),
            get(logout::logout).post(logout::logout),
        )
        .route("/", get(move || async move { Redirect::to(&document) }))
        .fallback(async || {
            pages::error(
                StatusCode::NOT_FOUND,
                "There is no such page",
                "This is the local provider of an app. Open the app itself to sign in.",
            )
        })
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(from_fn_with_state(Arc::clone(&shared), before))
        .with_state(shared)
}

/// Counts, waits, and gives the answers that a test queued.
async fn before(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if !names_us(request.uri(), request.headers(), shared.port) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let Some(endpoint) = shared.endpoint(request.uri().path()) else {
        return next.run(request).await;
    };
    shared.calls(endpoint).fetch_add(1, Ordering::SeqCst);
    let (delay, canned) = {
        let mut knobs = shared.knobs();
        let delay = knobs.delays.get(&endpoint).copied().unwrap_or_default();
        let canned = knobs.canned.get_mut(&endpoint);
        (delay, canned.and_then(|queue| queue.pop_front()))
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    if let Some((status, body)) = canned {
        let kind = if body.starts_with(['{', '[']) {
            "application/json"
        } else {
            "text/plain; charset=utf-8"
        };
        return (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    }
    let answer = next.run(request).await;
    // Before the app has the answer: what it is given is kept. A disk that is full is no reason not to answer.
    if matches!(
        endpoint,
        Endpoint::Token | Endpoint::Revoke | Endpoint::Logout
    ) {
        let _ = shared.keep();
    }
    answer
}

/// A name that some DNS server points at loopback does not get to talk to us (DNS rebinding).
fn names_us(uri: &Uri, headers: &HeaderMap, port: u16) -> bool {
    let host = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => match headers.get(header::HOST).map(|host| host.to_str()) {
            Some(Ok(host)) => host,
            _ => return false,
        },
    };
    let Some((name, given_port)) = host.rsplit_once(':') else {
        return false;
    };
    let loopback = name == "localhost"
        || name
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    loopback && given_port.parse() == Ok(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_answered() {
        let named = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            names_us(&Uri::from_static("/"), &headers, 4000)
        };
        for good in ["127.0.0.1:4000", "localhost:4000", "[::1]:4000"] {
            assert!(named(good), "{good}");
        }
        for bad in [
            "evil.example:4000",
            "127.0.0.1:4001",
            "127.0.0.1",
            "localhost.evil:4000",
        ] {
            assert!(!named(bad), "{bad}");
        }
    }
}
