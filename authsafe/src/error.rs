//! Every way in which sign-in is refused: one enum an endpoint, one row an error, and all that is
//! said of an error is read off its row.
//!
//! A variant says what happened and nothing about why: the cause, which may name things that
//! are not for the public, goes to `tracing`.

use core::fmt;

use http::StatusCode;
use http::header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;

use crate::response::{self, Response};

/// What is answered: status, machine-readable code, public text.
#[derive(Debug, Clone, Copy)]
struct Facts {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
}

/// What a row says, as [`Facts`] or as documentation; and the rows of several enums, by name.
macro_rules! row {
    (facts $status:ident, $code:literal, $message:literal) => {
        Facts {
            status: StatusCode::$status,
            code: $code,
            message: $message,
        }
    };
    (doc $status:ident, $code:literal, $message:literal) => {
        concat!(
            "Answered with [`", stringify!($status), "`](StatusCode::", stringify!($status),
            "), code `", $code, "`: \"", $message, "\"."
        )
    };
    ($of:ident MISSING_CONFIGURATION) => {
        row!($of SERVICE_UNAVAILABLE, "missing_configuration", "Missing client configuration")
    };
    ($of:ident INTERNAL) => {
        row!($of INTERNAL_SERVER_ERROR, "internal", "Authentication failed")
    };
    ($of:ident FOREIGN_ORIGIN) => {
        row!($of FORBIDDEN, "foreign_origin", "Cross-site request refused")
    };
    ($of:ident NO_SESSION) => {
        row!($of UNAUTHORIZED, "no_session", "No active session")
    };
    ($of:ident RATE_LIMITED) => {
        row!($of TOO_MANY_REQUESTS, "rate_limited", "Too many requests")
    };
    ($of:ident STATE_UNAVAILABLE) => {
        row!($of SERVICE_UNAVAILABLE, "state_unavailable", "Sessions cannot be checked now")
    };
    ($of:ident REFRESH_UNAVAILABLE) => {
        row!($of SERVICE_UNAVAILABLE, "refresh_unavailable", "Session cannot be refreshed now")
    };
    ($of:ident REQUEST_REFUSED) => {
        row!($of BAD_GATEWAY, "request_refused", "Identity provider refused the request")
    };
    ($of:ident INVALID_ID_TOKEN) => {
        row!($of BAD_GATEWAY, "invalid_id_token", "Invalid ID token")
    };
    ($of:ident SESSION_TOO_LARGE) => {
        row!($of INTERNAL_SERVER_ERROR, "session_too_large", "Authentication failed")
    };
}

/// Enums of errors. A variant has a row, `[status, code, text]`, or is another enum's error.
macro_rules! catalogue {
    ($(
        $(#[$doc:meta])*
        pub enum $name:ident {
            $(
                $(#[$of:meta])*
                $variant:ident $(($inner:ident))? $({ $($(#[$is:meta])* $field:ident: $type:ty,)+ })?
                $(= [$($row:tt)+])?,
            )+
        }
    )+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$of])*
                $(#[doc = ""] #[doc = row!(doc $($row)+)])?
                $variant $(($inner))? $({ $($(#[$is])* $field: $type,)+ })?,
            )+
        }

        impl $name {
            const fn facts(self) -> Facts {
                match self {
                    $(
                        $(Self::$variant { .. } => row!(facts $($row)+),)?
                        $(Self::$variant(error) => $inner::facts(error),)?
                    )+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.facts().message)
            }
        }

        impl std::error::Error for $name {}

        $($(
            impl From<$inner> for $name {
                fn from(error: $inner) -> Self {
                    Self::$variant(error)
                }
            }
        )?)+

        #[cfg(feature = "openapi")]
        impl Every for $name {
            const SCHEMA: &str = concat!("Authsafe", stringify!($name));

            fn every() -> Vec<Self> {
                let mut all = Vec::new();
                $(all.extend(catalogue!(@ $variant $(($inner))? $({ $($field)+ })?));)+
                all
            }
        }
    )+ };
    (@ $variant:ident) => { [Self::$variant] };
    (@ $variant:ident ($inner:ident)) => { $inner::every().into_iter().map(Self::$variant) };
    (@ $variant:ident { $($field:ident)+ }) => {
        [Self::$variant { $($field: Default::default()),+ }]
    };
}

/// What the OpenAPI document is made of.
#[cfg(feature = "openapi")]
pub(crate) trait Every: Sized {
    /// The schema's name.
    const SCHEMA: &str;

    /// Returns an error of each row.
    fn every() -> Vec<Self>;
}

catalogue! {
/// A refusal of an endpoint or a guard.
pub enum Error {
    /// `GET signin`.
    SignIn(SignInError),
    /// `GET callback`.
    Callback(CallbackError),
    /// `POST logout`.
    Logout(LogoutError),
    /// `POST refresh`.
    Refresh(RefreshError),
    /// `GET session`.
    Session(SessionError),
    /// `POST` to the back-channel logout endpoint.
    BackchannelLogout(BackchannelLogoutError),
    /// A guarded handler.
    Guard(GuardError),
    /// One client asked an endpoint more often than `rate_limit(...)` allows (RFC 6585 §4).
    RateLimited {
        /// The seconds until it may ask again, for `Retry-After` (RFC 9110 §10.2.3).
        retry_after: u64,
    } = [RATE_LIMITED],
    /// An endpoint was asked with a method that it does not have.
    MethodNotAllowed {
        /// The method that it has, for `Allow` (RFC 9110 §10.2.1).
        allow: &'static str,
    } = [METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed"],
}

/// The reason that a sign-in did not start.
pub enum SignInError {
    /// The app runs without a sign-in configuration.
    MissingConfiguration = [MISSING_CONFIGURATION],
    /// The provider failed.
    Provider(ProviderError),
    /// A fault of this crate or of the machine.
    Internal = [INTERNAL],
}

/// The reason that a callback made no session.
pub enum CallbackError {
    /// The app runs without a sign-in configuration.
    MissingConfiguration = [MISSING_CONFIGURATION],
    /// No sign-in with this `state` was started in this browser, or it took too long (RFC 6749 §10.12).
    UnknownState = [
        BAD_REQUEST, "unknown_state", "Sign-in expired or was not started in this browser"
    ],
    /// The response names another issuer than the one that was asked, or none (RFC 9207 §2.4).
    WrongIssuer = [BAD_REQUEST, "wrong_issuer", "Response from another identity provider"],
    /// `error=access_denied`: the user or the provider said no (RFC 6749 §4.1.2.1).
    AccessDenied = [FORBIDDEN, "access_denied", "Access denied"],
    /// `error=login_required` and its like: `prompt=none` cannot be done (OpenID Connect Core §3.1.2.6).
    InteractionRequired = [UNAUTHORIZED, "interaction_required", "Sign-in needs the user"],
    /// Any other `error=`: the provider does not take our request.
    RequestRefused = [REQUEST_REFUSED],
    /// The code is missing, refused or already used (RFC 6749 §5.2, `invalid_grant`).
    InvalidCode = [BAD_REQUEST, "invalid_code", "Invalid authorization code"],
    /// The ID token failed a check of OpenID Connect Core §3.1.3.7.
    InvalidIdToken = [INVALID_ID_TOKEN],
    /// The app's own `on_sign_in` refused.
    SignInRefused {
        /// The text for the user, if there is one:
        /// [`SignInRefused::because`](crate::hooks::SignInRefused::because).
        because: Option<&'static str>,
    } = [FORBIDDEN, "sign_in_refused", "Access denied"],
    /// The session does not fit into cookies: keep sessions in a store, with `session(store = "redis")`. In a
    /// store, one text of the session (such as a token) is larger than 64 KB.
    SessionTooLarge = [SESSION_TOO_LARGE],
    /// The provider failed.
    Provider(ProviderError),
    /// A fault of this crate or of the machine.
    Internal = [INTERNAL],
    /// The session store does not answer, or the shared state does not answer and `fail_closed` is set.
    StateUnavailable = [STATE_UNAVAILABLE],
}

/// The reason that a logout ended no session.
pub enum LogoutError {
    /// The app runs without a sign-in configuration.
    MissingConfiguration = [MISSING_CONFIGURATION],
    /// The request was made by another site's page.
    ForeignOrigin = [FOREIGN_ORIGIN],
    /// The session store does not answer: the session has ended in this process and its cookie is removed, but
    /// other machines may not know. Or the shared state does not answer and `fail_closed` is set: then nothing has
    /// happened.
    StateUnavailable = [STATE_UNAVAILABLE],
}

/// The reason that a session got no new tokens.
pub enum RefreshError {
    /// The app runs without a sign-in configuration.
    MissingConfiguration = [MISSING_CONFIGURATION],
    /// The request was made by another site's page.
    ForeignOrigin = [FOREIGN_ORIGIN],
    /// Nobody is signed in.
    NoSession = [UNAUTHORIZED, "no_session", "No refresh token available"],
    /// The session has no refresh token: the provider gave none. Most give one for the scope `offline_access`, some always.
    NoRefreshToken = [BAD_REQUEST, "no_refresh_token", "No refresh token available"],
    /// The provider refused the refresh token (`invalid_grant`): the session has ended.
    SessionEnded = [UNAUTHORIZED, "session_ended", "Session ended"],
    /// The provider does not take our request (RFC 6749 §5.2, all but `invalid_grant`).
    RequestRefused = [REQUEST_REFUSED],
    /// The new tokens are not of the same user, or failed a check: the session has ended.
    InvalidIdToken = [INVALID_ID_TOKEN],
    /// The session does not fit into cookies: keep sessions in a store, with `session(store = "redis")`. In a
    /// store, one text of the session (such as a token) is larger than 64 KB.
    SessionTooLarge = [SESSION_TOO_LARGE],
    /// The provider failed. The session is kept.
    Provider(ProviderError),
    /// A fault of this crate or of the machine.
    Internal = [INTERNAL],
    /// The session store does not answer, or the shared state does not answer and `fail_closed` is set.
    StateUnavailable = [STATE_UNAVAILABLE],
}

/// The reason that the session endpoint could not say who is signed in.
pub enum SessionError {
    /// The app runs without a sign-in configuration.
    MissingConfiguration = [MISSING_CONFIGURATION],
    /// Nobody is signed in.
    NoSession = [NO_SESSION],
    /// The access token has run out, and the provider gives no new one for now. The session is kept.
    RefreshUnavailable = [REFRESH_UNAVAILABLE],
    /// The session store does not answer, or the shared state does not answer and `fail_closed` is set.
    StateUnavailable = [STATE_UNAVAILABLE],
}

/// The reason that a logout of the provider ended no session. OpenID Connect Back-Channel Logout §2.8 asks for
/// 400 in each case.
pub enum BackchannelLogoutError {
    /// The app runs without a sign-in configuration.
    MissingConfiguration = [MISSING_CONFIGURATION],
    /// The body is not a form with one `logout_token` (§2.5).
    InvalidRequest = [BAD_REQUEST, "invalid_request", "Expected a form with one logout_token"],
    /// The logout token failed a check of §2.6.
    InvalidLogoutToken = [BAD_REQUEST, "invalid_logout_token", "Invalid logout token"],
    /// A logout token with this `jti` has been here before (§2.6).
    AlreadyUsed = [BAD_REQUEST, "logout_token_used", "Logout token already used"],
    /// The token cannot be checked now: the provider's keys cannot be loaded, or too many unknown keys were looked
    /// for already.
    KeysUnavailable = [BAD_REQUEST, "keys_unavailable", "Logout token cannot be checked now"],
    /// The shared state does not answer: the other machines may not know.
    StateUnavailable = [
        BAD_REQUEST, "state_unavailable", "Sessions cannot be ended everywhere now"
    ],
}

/// The reason that a guard refused.
pub enum GuardError {
    /// The app runs without a sign-in configuration.
    MissingConfiguration = [MISSING_CONFIGURATION],
    /// Nobody is signed in.
    Unauthenticated = [UNAUTHORIZED, "unauthenticated", "Sign-in required"],
    /// The visitor is signed in but may not enter.
    Forbidden = [FORBIDDEN, "forbidden", "Insufficient permission"],
    /// Another origin's page made the request, which has a session and may change something. Its method is not one of
    /// GET, HEAD, OPTIONS and TRACE (RFC 9110 §9.2.1), or it asks for a WebSocket.
    #[doc(alias = "csrf")]
    ForeignOrigin = [FOREIGN_ORIGIN],
    /// The visitor signed in too long ago, or the provider did not say when.
    ReauthenticationRequired = [
        UNAUTHORIZED, "reauthentication_required", "Recent sign-in required"
    ],
    /// A policy of the app's own cannot decide now.
    PolicyUnavailable = [
        SERVICE_UNAVAILABLE, "policy_unavailable", "Permission cannot be checked now"
    ],
    /// The access token has run out, and the provider gives no new one for now. The session is kept.
    RefreshUnavailable = [REFRESH_UNAVAILABLE],
    /// The session store does not answer, or the shared state does not answer and `fail_closed` is set.
    StateUnavailable = [STATE_UNAVAILABLE],
    /// There is more than one `Authorization` header, or what follows `Bearer` is not one token
    /// (RFC 6750 §3.1, `invalid_request`).
    InvalidRequest = [
        BAD_REQUEST, "invalid_request", "Expected one Authorization header with one token"
    ],
    /// The access token has ended, is not for this app, or failed another check (RFC 6750 §3.1,
    /// `invalid_token`).
    InvalidToken = [UNAUTHORIZED, "invalid_token", "Invalid access token"],
    /// The access token is good, and grants too little (RFC 6750 §3.1, `insufficient_scope`).
    InsufficientScope = [FORBIDDEN, "insufficient_scope", "Access token grants too little"],
    /// The access token cannot be checked now: the provider does not answer, or too many unknown keys were looked for
    /// already.
    VerificationUnavailable = [
        SERVICE_UNAVAILABLE, "verification_unavailable", "Access token cannot be checked now"
    ],
    /// The handler keeps data in the session, but the request has an access token instead of a session.
    SessionRequired = [
        FORBIDDEN, "session_required", "Sign-in required: an access token keeps no data"
    ],
    /// `auth.layer()` is not around this handler.
    LayerMissing = [INTERNAL],
}

/// A failure of the provider.
pub enum ProviderError {
    /// The provider cannot be reached, or says that it is not available. Or, at a refresh, it does not publish the key of
    /// the new ID token.
    Unavailable = [SERVICE_UNAVAILABLE, "provider_unavailable", "Identity provider unavailable"],
    /// The provider did not answer in time.
    Timeout = [GATEWAY_TIMEOUT, "provider_timeout", "Identity provider did not answer in time"],
    /// The provider gave an answer that the standards do not allow.
    BadAnswer = [BAD_GATEWAY, "provider_answer", "Unexpected answer from the identity provider"],
    /// The provider answered `429 Too Many Requests`.
    RateLimited {
        /// The seconds until it may be asked again, if it says so; for `Retry-After` (RFC 9110 §10.2.3).
        retry_after: Option<u64>,
    } = [RATE_LIMITED],
}
}

impl RefreshError {
    /// Returns whether the session is over with it.
    pub(crate) const fn ends_session(self) -> bool {
        matches!(self, Self::SessionEnded | Self::InvalidIdToken)
    }
}

/// The JSON body of every error.
#[derive(Serialize)]
struct Body {
    error: &'static str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'static str>,
}

impl Error {
    /// Returns the status of the answer.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.facts().status
    }

    /// Returns the machine-readable `code` of the JSON body. It does not change between releases.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.facts().code
    }

    /// Returns the public text, `error` in the JSON body.
    #[must_use]
    pub const fn message(self) -> &'static str {
        self.facts().message
    }

    /// Returns the sentence of the app for a user whose sign-in it refused. It is `because` in the JSON body, and
    /// the built-in page shows it as text.
    #[must_use]
    pub const fn because(self) -> Option<&'static str> {
        match self {
            Self::Callback(CallbackError::SignInRefused { because }) => because,
            _ => None,
        }
    }

    /// Returns when to ask again, in seconds: this app, or the provider.
    const fn retry_after(self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after } => Some(retry_after),
            Self::SignIn(SignInError::Provider(ProviderError::RateLimited { retry_after }))
            | Self::Callback(CallbackError::Provider(ProviderError::RateLimited { retry_after }))
            | Self::Refresh(RefreshError::Provider(ProviderError::RateLimited { retry_after })) => {
                retry_after
            }
            _ => None,
        }
    }

    /// Returns whether a sign-in or a session was there, and is over.
    pub(crate) const fn is_of_what_is_over(self) -> bool {
        matches!(
            self,
            Self::Callback(CallbackError::UnknownState | CallbackError::InvalidCode)
                | Self::Refresh(RefreshError::SessionEnded)
        )
    }

    /// Returns whether another origin's page was refused.
    pub(crate) const fn is_of_foreign_page(self) -> bool {
        matches!(
            self,
            Self::Logout(LogoutError::ForeignOrigin)
                | Self::Refresh(RefreshError::ForeignOrigin)
                | Self::Guard(GuardError::ForeignOrigin)
        )
    }

    /// Returns the JSON answer: `{"error": "...", "code": "..."}`, with [`because`](Self::because) if the app says
    /// so; `Cache-Control: no-store`.
    #[must_use]
    pub fn response(self) -> Response {
        let Facts {
            status,
            code,
            message,
        } = self.facts();
        let mut response = response::json(
            status,
            &Body {
                error: message,
                code,
                because: self.because(),
            },
        );
        if let Self::MethodNotAllowed { allow } = self {
            let allow = HeaderValue::from_static(allow);
            response.headers_mut().insert(ALLOW, allow);
        }
        if let Some(seconds) = self.retry_after() {
            let headers = response.headers_mut();
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §15.5.2 wants a challenge with each 401; ours is the session cookie.
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Session"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_the_provider_may_be_asked_again_is_passed_on() {
        let limited = |retry_after| {
            let error = ProviderError::RateLimited { retry_after };
            [
                Error::from(SignInError::from(error)),
                CallbackError::from(error).into(),
                RefreshError::from(error).into(),
            ]
        };
        for error in limited(Some(7)) {
            assert_eq!(error.response().headers()[RETRY_AFTER], "7");
        }
        for error in limited(None) {
            assert!(!error.response().headers().contains_key(RETRY_AFTER));
        }
    }
}
