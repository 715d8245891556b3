//! Revocation: RFC 7009.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::manner::Reach;
use super::oauth_error::{OAuthError, no_store};
use super::shared::Shared;
use super::token::{client, form, required};

pub(super) async fn revoke(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer(&shared, &headers, &body) {
        // §2.2: 200, also for a token that nobody knows.
        Ok(()) => no_store(StatusCode::OK),
        Err(error) => error.into_response(),
    }
}

fn answer(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<(), OAuthError> {
    let params = form(headers, body)?;
    let client = client(shared, headers, &params)?;
    let token = required(&params, "token")?;
    let reach = shared.manner.map_or(Reach::Grant, |manner| manner.reach);
    shared
        .store()
        .revoke(token, &client.id, reach)
        .map_err(OAuthError::invalid_grant)
}
