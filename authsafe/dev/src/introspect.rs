//! Introspection: RFC 7662.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::knobs::Object;
use super::oauth_error::{OAuthError, no_store};
use super::shared::Shared;
use super::token::{client, form, required};

pub(super) async fn introspect(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, OAuthError> {
    let answer = |answer: Value| {
        let answer = answer.as_object().cloned().unwrap_or_default();
        Ok(no_store(Json(
            shared.tampered(Object::Introspection, answer),
        )))
    };
    let params = form(&headers, &body)?;
    client(&shared, &headers, &params)?;
    let token = required(&params, "token")?;
    let store = shared.store();
    if let Some((access, grant)) = store.access(token, shared.now()) {
        let user = &shared.users[grant.user];
        return answer(json!({
            "active": true,
            "token_type": "Bearer",
            "iss": shared.iss,
            "sub": shared.sub(user),
            "aud": access.audience,
            "client_id": grant.client_id,
            "scope": access.scopes.join(" "),
            "roles": user.roles,
            "permissions": user.permissions,
            "org_id": user.org_id,
            "iat": access.issued_at,
            "exp": access.expires_at,
        }));
    }
    if let Some(grant) = store.refresh(token) {
        return answer(json!({
            "active": true,
            "iss": shared.iss,
            "sub": shared.sub(&shared.users[grant.user]),
            "client_id": grant.client_id,
            "scope": grant.scopes.join(" "),
        }));
    }
    // §2.2: nothing more than this about a token that is not good.
    answer(json!({ "active": false }))
}
