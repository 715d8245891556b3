//! Userinfo: OpenID Connect Core §5.3, errors as in RFC 6750 §3.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::claims;
use super::knobs::Object;
use super::manner::Place;
use super::oauth_error::no_store;
use super::shared::Shared;

pub(super) async fn userinfo(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if !shared.has_userinfo() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some(token) = bearer(&headers) else {
        return refuse(StatusCode::UNAUTHORIZED, "Bearer");
    };
    let store = shared.store();
    let Some((access, grant)) = store.access(token, shared.now()) else {
        return refuse(StatusCode::UNAUTHORIZED, r#"Bearer error="invalid_token""#);
    };
    if !access.scopes.iter().any(|scope| scope == "openid") {
        return refuse(
            StatusCode::FORBIDDEN,
            r#"Bearer error="insufficient_scope", scope="openid""#,
        );
    }
    let user = &shared.users[grant.user];
    let about = claims::about(&shared, user, &access.scopes, Place::UserInfo);
    no_store(Json(shared.tampered(Object::UserInfo, about)))
}

/// RFC 6750 §2.1; the scheme's case does not matter.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(token)
}

fn refuse(status: StatusCode, challenge: &'static str) -> Response {
    no_store((status, [(header::WWW_AUTHENTICATE, challenge)])).into_response()
}
