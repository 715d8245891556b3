//! Revocation: RFC 7009.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::manner::Reach;
use super::oauth_error::{OAuthError, no_store};
use super::shared::Shared;
use super::token::{client, form, required};

pub(super) async fn revoke(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, OAuthError> {
    let params = form(&headers, &body)?;
    let client = client(&shared, &headers, &params)?;
    let token = required(&params, "token")?;
    let reach = shared.manner.map_or(Reach::Grant, |manner| manner.reach);
    let revoked = shared.store().revoke(token, &client.id, reach);
    revoked.map_err(OAuthError::invalid_grant)?;
    // §2.2: 200, also for a token that nobody knows.
    Ok(no_store(StatusCode::OK))
}
