//! Errors, as actix-web carries them.

use core::fmt;

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse, ResponseError};
use http::HeaderMap;

use super::convert;
use crate::response::Response;

/// What a guard answers in the place of the handler.
pub(super) struct Refusal(pub(super) Response);

/// Without its headers: an app's own answer may set cookies.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Refusal").field(&self.0.status()).finish()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {}", self.0.status())
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.error_response().status()
    }

    fn error_response(&self) -> HttpResponse {
        convert::response(self.0.clone())
    }
}

/// Another middleware's error; its answer has our headers too. Without the session's cookies the
/// browser would keep a refresh token that is spent.
pub(super) struct WithHeaders {
    pub(super) error: Error,
    /// The headers that are set in its answer.
    pub(super) changes: HeaderMap,
}

/// The cookies are nobody's to read.
impl fmt::Debug for WithHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

impl fmt::Display for WithHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl ResponseError for WithHeaders {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.error.error_response();
        convert::replace(response.headers_mut(), &self.changes);
        response
    }
}
