//! The errors of RFC 6749 §5.2, as JSON.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::params::GivenTwice;

#[derive(Debug)]
pub(super) struct OAuthError {
    status: StatusCode,
    error: &'static str,
    description: String,
}

impl OAuthError {
    pub(super) fn invalid_request(description: impl Into<String>) -> Self {
        Self::bad_request("invalid_request", description)
    }

    pub(super) fn invalid_grant(description: impl Into<String>) -> Self {
        Self::bad_request("invalid_grant", description)
    }

    pub(super) fn bad_request(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description: description.into(),
        }
    }

    pub(super) fn invalid_client(description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description: description.into(),
        }
    }

    /// The answer of AuthSafe's own server, which has no `error`: a refused grant is 401.
    pub(super) fn in_authsafes_form(self, path: &str, now: u64) -> Response {
        let status = match self.error {
            "invalid_grant" => StatusCode::UNAUTHORIZED,
            _ => return self.into_response(),
        };
        let body = json!({
            "statusCode": status.as_u16(),
            "message": self.description,
            "path": path,
            "timestamp": now,
        });
        no_store((status, Json(body)))
    }

    pub(super) fn server_error(description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            error: "server_error",
            description: description.into(),
        }
    }
}

impl From<GivenTwice> for OAuthError {
    fn from(GivenTwice(name): GivenTwice) -> Self {
        Self::invalid_request(format!("the parameter `{name}` was given more than once"))
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        no_store((self.status, Json(body)))
    }
}

/// RFC 6749 §5.1: whatever the token endpoint and its like answer is not to be kept.
pub(super) fn no_store(response: impl IntoResponse) -> Response {
    (
        [
            (header::CACHE_CONTROL, "no-store"),
            (header::PRAGMA, "no-cache"),
        ],
        response,
    )
        .into_response()
}
