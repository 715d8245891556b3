//! Every way in which sign-in is refused: one enum an endpoint, one table for what is answered.
//!
//! A variant says what happened and nothing about why: the cause, which may name things that
//! are not for the public, goes to `tracing`.

use http::StatusCode;
use http::header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;

use crate::response::{self, Response};

/// Enums, each with a list of all its values, as [`Every`] gives it: read off the enum itself, so
/// that none is forgotten.
macro_rules! listed {
    ($(
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$of:meta])* $variant:ident $(($(#[$field:meta])* $inner:ty))?,)+
        }
    )+) => { $(
        $(#[$meta])*
        pub enum $name {
            $($(#[$of])* $variant $(($(#[$field])* $inner))?,)+
        }

        #[cfg(feature = "openapi")]
        impl Every for $name {
            fn every() -> Vec<Self> {
                let mut all = Vec::new();
                $(all.extend(listed!(@ $variant $($inner)?));)+
                all
            }
        }
    )+ };
    (@ $variant:ident) => { [Self::$variant] };
    (@ $variant:ident $inner:ty) => {
        <$inner as Every>::every().into_iter().map(Self::$variant)
    };
}

/// What the OpenAPI document of the endpoints is made of.
#[cfg(feature = "openapi")]
pub(crate) trait Every: Sized {
    /// All the values that there are.
    fn every() -> Vec<Self>;
}

/// What an endpoint or a guard refused with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `GET signin`.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// `GET callback`.
    #[error(transparent)]
    Callback(#[from] CallbackError),
    /// `POST logout`.
    #[error(transparent)]
    Logout(#[from] LogoutError),
    /// `POST refresh`.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// `GET session`.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// `POST` to the back-channel logout endpoint.
    #[error(transparent)]
    BackchannelLogout(#[from] BackchannelLogoutError),
    /// A guarded handler.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// One client asked an endpoint more often than `rate_limit(...)` allows (RFC 6585 §4).
    #[error("{}", self.message())]
    RateLimited {
        /// When it may ask again, in seconds, for `Retry-After` (RFC 9110 §10.2.3).
        retry_after: u64,
    },
    /// An endpoint was asked with a method that it does not have.
    #[error("{}", self.message())]
    MethodNotAllowed {
        /// The one that it has, for `Allow` (RFC 9110 §10.2.1).
        allow: &'static str,
    },
}

listed! {
/// Why a sign-in did not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The app runs without a sign-in configuration.
    #[error("{}", self.facts().message)]
    MissingConfiguration,
    /// The provider did not do its part.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// Our own fault.
    #[error("{}", self.facts().message)]
    Internal,
}

/// Why a callback made no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The app runs without a sign-in configuration.
    #[error("{}", self.facts().message)]
    MissingConfiguration,
    /// No sign-in with this `state` was started in this browser, or it took too long (RFC 6749 §10.12).
    #[error("{}", self.facts().message)]
    UnknownState,
    /// The response names another issuer than the one that was asked, or none (RFC 9207 §2.4).
    #[error("{}", self.facts().message)]
    WrongIssuer,
    /// `error=access_denied`: the user or the provider said no (RFC 6749 §4.1.2.1).
    #[error("{}", self.facts().message)]
    AccessDenied,
    /// `error=login_required` and its like: `prompt=none` cannot be done (OpenID Connect Core §3.1.2.6).
    #[error("{}", self.facts().message)]
    InteractionRequired,
    /// Any other `error=`: the provider does not take our request.
    #[error("{}", self.facts().message)]
    RequestRefused,
    /// The code is missing, refused or already used (RFC 6749 §5.2, `invalid_grant`).
    #[error("{}", self.facts().message)]
    InvalidCode,
    /// The ID token failed a check of OpenID Connect Core §3.1.3.7.
    #[error("{}", self.facts().message)]
    InvalidIdToken,
    /// The app's own `on_sign_in` refused.
    #[error("{}", self.facts().message)]
    SignInRefused,
    /// The session does not fit into cookies: keep sessions in a store, with
    /// `session(store = "redis")`. In a store one text of it, a token say, is larger than 64 KB.
    #[error("{}", self.facts().message)]
    SessionTooLarge,
    /// The provider did not do its part.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// Our own fault.
    #[error("{}", self.facts().message)]
    Internal,
    /// The session store does not answer; or the shared state does not, and `fail_closed` is set.
    #[error("{}", self.facts().message)]
    StateUnavailable,
}

/// Why a logout ended no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutError {
    /// The app runs without a sign-in configuration.
    #[error("{}", self.facts().message)]
    MissingConfiguration,
    /// The request was made by another site's page.
    #[error("{}", self.facts().message)]
    ForeignOrigin,
    /// Nobody is signed in.
    #[error("{}", self.facts().message)]
    NoSession,
    /// The session store does not answer: the session has ended in this process and its cookie is
    /// removed, other machines may not know. Or the shared state does not, and `fail_closed` is set:
    /// nothing has happened.
    #[error("{}", self.facts().message)]
    StateUnavailable,
}

/// Why a session got no new tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The app runs without a sign-in configuration.
    #[error("{}", self.facts().message)]
    MissingConfiguration,
    /// The request was made by another site's page.
    #[error("{}", self.facts().message)]
    ForeignOrigin,
    /// Nobody is signed in.
    #[error("{}", self.facts().message)]
    NoSession,
    /// The session has no refresh token: `offline_access` was not requested or not granted.
    #[error("{}", self.facts().message)]
    NoRefreshToken,
    /// The provider refused the refresh token (`invalid_grant`): the session has ended.
    #[error("{}", self.facts().message)]
    SessionEnded,
    /// The provider does not take our request (RFC 6749 §5.2, all but `invalid_grant`).
    #[error("{}", self.facts().message)]
    RequestRefused,
    /// The new tokens are not of the same user, or failed a check: the session has ended.
    #[error("{}", self.facts().message)]
    InvalidIdToken,
    /// The session does not fit into cookies: keep sessions in a store, with
    /// `session(store = "redis")`. In a store one text of it, a token say, is larger than 64 KB.
    #[error("{}", self.facts().message)]
    SessionTooLarge,
    /// The provider did not do its part. The session is kept.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// Our own fault.
    #[error("{}", self.facts().message)]
    Internal,
    /// The session store does not answer; or the shared state does not, and `fail_closed` is set.
    #[error("{}", self.facts().message)]
    StateUnavailable,
}

/// Why nobody could be told who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The app runs without a sign-in configuration.
    #[error("{}", self.facts().message)]
    MissingConfiguration,
    /// Nobody is signed in.
    #[error("{}", self.facts().message)]
    NoSession,
    /// The access token has run out, and the provider gives no new one for now. The session is kept.
    #[error("{}", self.facts().message)]
    RefreshUnavailable,
    /// The session store does not answer; or the shared state does not, and `fail_closed` is set.
    #[error("{}", self.facts().message)]
    StateUnavailable,
}

/// Why a provider's logout ended no session. OpenID Connect Back-Channel Logout §2.8 wants 400 for
/// whatever went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackchannelLogoutError {
    /// The app runs without a sign-in configuration.
    #[error("{}", self.facts().message)]
    MissingConfiguration,
    /// The body is not a form with one `logout_token` (§2.5).
    #[error("{}", self.facts().message)]
    InvalidRequest,
    /// The logout token failed a check of §2.6.
    #[error("{}", self.facts().message)]
    InvalidLogoutToken,
    /// A logout token with this `jti` has been here before (§2.6).
    #[error("{}", self.facts().message)]
    AlreadyUsed,
    /// The provider's keys cannot be had, or the token's not be looked for now, so that it cannot be
    /// checked.
    #[error("{}", self.facts().message)]
    KeysUnavailable,
    /// The shared state does not answer: the other machines may not know.
    #[error("{}", self.facts().message)]
    StateUnavailable,
}

/// Why a guard let nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// The app runs without a sign-in configuration.
    #[error("{}", self.facts().message)]
    MissingConfiguration,
    /// Nobody is signed in.
    #[error("{}", self.facts().message)]
    Unauthenticated,
    /// Somebody is signed in, and may not.
    #[error("{}", self.facts().message)]
    Forbidden,
    /// Another origin's page made the request, with a session, and it may change something: its method
    /// is none of GET, HEAD, OPTIONS and TRACE (RFC 9110 §9.2.1), or it asks for a WebSocket.
    #[error("{}", self.facts().message)]
    ForeignOrigin,
    /// Somebody is signed in, but proved who they are too long ago, or nobody knows when.
    #[error("{}", self.facts().message)]
    ReauthenticationRequired,
    /// A policy of the app's own cannot decide now.
    #[error("{}", self.facts().message)]
    PolicyUnavailable,
    /// The access token has run out, and the provider gives no new one for now. The session is kept.
    #[error("{}", self.facts().message)]
    RefreshUnavailable,
    /// The session store does not answer; or the shared state does not, and `fail_closed` is set.
    #[error("{}", self.facts().message)]
    StateUnavailable,
    /// There is more than one `Authorization` header, or what follows `Bearer` is not one token
    /// (RFC 6750 §3.1, `invalid_request`).
    #[error("{}", self.facts().message)]
    InvalidRequest,
    /// The access token has ended, is not for this app, or failed another check (RFC 6750 §3.1,
    /// `invalid_token`).
    #[error("{}", self.facts().message)]
    InvalidToken,
    /// The access token is good, and grants too little (RFC 6750 §3.1, `insufficient_scope`).
    #[error("{}", self.facts().message)]
    InsufficientScope,
    /// The access token cannot be checked: the provider does not answer, or too many tokens with unknown
    /// keys come for this one's to be looked for.
    #[error("{}", self.facts().message)]
    VerificationUnavailable,
    /// The handler keeps data in the session, and the request has an access token in its place.
    #[error("{}", self.facts().message)]
    SessionRequired,
    /// `auth.layer()` is not around this handler.
    #[error("{}", self.facts().message)]
    LayerMissing,
}

/// What the provider did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// It cannot be reached, or says that it is not available; or it does not publish the key of a token
    /// that it gave.
    #[error("{}", self.facts().message)]
    Unavailable,
    /// It did not answer in time.
    #[error("{}", self.facts().message)]
    Timeout,
    /// It answered what the standards do not allow.
    #[error("{}", self.facts().message)]
    BadAnswer,
    /// It answered `429 Too Many Requests`.
    #[error("{}", self.facts().message)]
    RateLimited,
}
}

/// What is answered: status, machine-readable code, public text.
#[derive(Debug, Clone, Copy)]
struct Facts {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
}

const fn facts(status: StatusCode, code: &'static str, message: &'static str) -> Facts {
    Facts {
        status,
        code,
        message,
    }
}

const MISSING_CONFIGURATION: Facts = facts(
    StatusCode::SERVICE_UNAVAILABLE,
    "missing_configuration",
    "Missing client configuration",
);
const INTERNAL: Facts = facts(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal",
    "Authentication failed",
);
const FOREIGN_ORIGIN: Facts = facts(
    StatusCode::FORBIDDEN,
    "foreign_origin",
    "Cross-site request refused",
);
const NO_SESSION: Facts = facts(StatusCode::UNAUTHORIZED, "no_session", "No active session");
const RATE_LIMITED: Facts = facts(
    StatusCode::TOO_MANY_REQUESTS,
    "rate_limited",
    "Too many requests",
);
const STATE_UNAVAILABLE: Facts = facts(
    StatusCode::SERVICE_UNAVAILABLE,
    "state_unavailable",
    "Sessions cannot be checked now",
);
const REFRESH_UNAVAILABLE: Facts = facts(
    StatusCode::SERVICE_UNAVAILABLE,
    "refresh_unavailable",
    "Session cannot be refreshed now",
);
const REQUEST_REFUSED: Facts = facts(
    StatusCode::BAD_GATEWAY,
    "request_refused",
    "Identity provider refused the request",
);
const SESSION_TOO_LARGE: Facts = facts(
    StatusCode::INTERNAL_SERVER_ERROR,
    "session_too_large",
    "Authentication failed",
);

impl SignInError {
    const fn facts(self) -> Facts {
        match self {
            Self::MissingConfiguration => MISSING_CONFIGURATION,
            Self::Provider(error) => error.facts(),
            Self::Internal => INTERNAL,
        }
    }
}

impl CallbackError {
    const fn facts(self) -> Facts {
        use StatusCode as S;
        match self {
            Self::StateUnavailable => STATE_UNAVAILABLE,
            Self::MissingConfiguration => MISSING_CONFIGURATION,
            Self::UnknownState => facts(
                S::BAD_REQUEST,
                "unknown_state",
                "Sign-in expired or was not started in this browser",
            ),
            Self::WrongIssuer => facts(
                S::BAD_REQUEST,
                "wrong_issuer",
                "Response from another identity provider",
            ),
            Self::AccessDenied => facts(S::FORBIDDEN, "access_denied", "Access denied"),
            Self::InteractionRequired => facts(
                S::UNAUTHORIZED,
                "interaction_required",
                "Sign-in needs the user",
            ),
            Self::RequestRefused => REQUEST_REFUSED,
            Self::InvalidCode => {
                facts(S::BAD_REQUEST, "invalid_code", "Invalid authorization code")
            }
            Self::SignInRefused => facts(S::FORBIDDEN, "sign_in_refused", "Access denied"),
            Self::InvalidIdToken => facts(S::BAD_GATEWAY, "invalid_id_token", "Invalid ID token"),
            Self::SessionTooLarge => SESSION_TOO_LARGE,
            Self::Provider(error) => error.facts(),
            Self::Internal => INTERNAL,
        }
    }
}

impl LogoutError {
    const fn facts(self) -> Facts {
        match self {
            Self::StateUnavailable => STATE_UNAVAILABLE,
            Self::MissingConfiguration => MISSING_CONFIGURATION,
            Self::ForeignOrigin => FOREIGN_ORIGIN,
            Self::NoSession => NO_SESSION,
        }
    }
}

impl RefreshError {
    /// Returns whether the session is over with it.
    pub(crate) const fn ends_session(self) -> bool {
        matches!(self, Self::SessionEnded | Self::InvalidIdToken)
    }

    const fn facts(self) -> Facts {
        use StatusCode as S;
        match self {
            Self::StateUnavailable => STATE_UNAVAILABLE,
            Self::MissingConfiguration => MISSING_CONFIGURATION,
            Self::ForeignOrigin => FOREIGN_ORIGIN,
            Self::NoSession => NO_SESSION,
            Self::NoRefreshToken => facts(
                S::BAD_REQUEST,
                "no_refresh_token",
                "No refresh token available",
            ),
            Self::SessionEnded => facts(S::UNAUTHORIZED, "session_ended", "Session ended"),
            Self::RequestRefused => REQUEST_REFUSED,
            Self::InvalidIdToken => facts(S::BAD_GATEWAY, "invalid_id_token", "Invalid ID token"),
            Self::SessionTooLarge => SESSION_TOO_LARGE,
            Self::Provider(error) => error.facts(),
            Self::Internal => INTERNAL,
        }
    }
}

impl SessionError {
    const fn facts(self) -> Facts {
        match self {
            Self::MissingConfiguration => MISSING_CONFIGURATION,
            Self::NoSession => NO_SESSION,
            Self::RefreshUnavailable => REFRESH_UNAVAILABLE,
            Self::StateUnavailable => STATE_UNAVAILABLE,
        }
    }
}

impl BackchannelLogoutError {
    const fn facts(self) -> Facts {
        use StatusCode as S;
        match self {
            Self::MissingConfiguration => MISSING_CONFIGURATION,
            Self::InvalidRequest => facts(
                S::BAD_REQUEST,
                "invalid_request",
                "Expected a form with one logout_token",
            ),
            Self::InvalidLogoutToken => facts(
                S::BAD_REQUEST,
                "invalid_logout_token",
                "Invalid logout token",
            ),
            Self::AlreadyUsed => facts(
                S::BAD_REQUEST,
                "logout_token_used",
                "Logout token already used",
            ),
            Self::KeysUnavailable => facts(
                S::BAD_REQUEST,
                "keys_unavailable",
                "Logout token cannot be checked now",
            ),
            Self::StateUnavailable => facts(
                S::BAD_REQUEST,
                "state_unavailable",
                "Sessions cannot be ended everywhere now",
            ),
        }
    }
}

impl GuardError {
    const fn facts(self) -> Facts {
        use StatusCode as S;
        match self {
            Self::MissingConfiguration => MISSING_CONFIGURATION,
            Self::Unauthenticated => facts(S::UNAUTHORIZED, "unauthenticated", "Sign-in required"),
            Self::Forbidden => facts(S::FORBIDDEN, "forbidden", "Insufficient permission"),
            Self::ForeignOrigin => FOREIGN_ORIGIN,
            Self::ReauthenticationRequired => facts(
                S::UNAUTHORIZED,
                "reauthentication_required",
                "Recent sign-in required",
            ),
            Self::PolicyUnavailable => facts(
                S::SERVICE_UNAVAILABLE,
                "policy_unavailable",
                "Permission cannot be checked now",
            ),
            Self::RefreshUnavailable => REFRESH_UNAVAILABLE,
            Self::StateUnavailable => STATE_UNAVAILABLE,
            Self::InvalidRequest => facts(
                S::BAD_REQUEST,
                "invalid_request",
                "Expected one Authorization header with one token",
            ),
            Self::InvalidToken => facts(S::UNAUTHORIZED, "invalid_token", "Invalid access token"),
            Self::InsufficientScope => facts(
                S::FORBIDDEN,
                "insufficient_scope",
                "Access token grants too little",
            ),
            Self::VerificationUnavailable => facts(
                S::SERVICE_UNAVAILABLE,
                "verification_unavailable",
                "Access token cannot be checked now",
            ),
            Self::SessionRequired => facts(
                S::FORBIDDEN,
                "session_required",
                "Sign-in required: an access token keeps no data",
            ),
            Self::LayerMissing => INTERNAL,
        }
    }
}

impl ProviderError {
    const fn facts(self) -> Facts {
        use StatusCode as S;
        match self {
            Self::Unavailable => facts(
                S::SERVICE_UNAVAILABLE,
                "provider_unavailable",
                "Identity provider unavailable",
            ),
            Self::Timeout => facts(
                S::GATEWAY_TIMEOUT,
                "provider_timeout",
                "Identity provider did not answer in time",
            ),
            Self::BadAnswer => facts(
                S::BAD_GATEWAY,
                "provider_answer",
                "Unexpected answer from the identity provider",
            ),
            Self::RateLimited => RATE_LIMITED,
        }
    }
}

/// The JSON body of every error.
#[derive(Serialize)]
struct Body {
    error: &'static str,
    code: &'static str,
}

impl Error {
    const fn facts(self) -> Facts {
        match self {
            Self::SignIn(error) => error.facts(),
            Self::Callback(error) => error.facts(),
            Self::Logout(error) => error.facts(),
            Self::Refresh(error) => error.facts(),
            Self::Session(error) => error.facts(),
            Self::BackchannelLogout(error) => error.facts(),
            Self::Guard(error) => error.facts(),
            Self::RateLimited { .. } => RATE_LIMITED,
            Self::MethodNotAllowed { .. } => facts(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Method not allowed",
            ),
        }
    }

    /// The status it is answered with.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.facts().status
    }

    /// The machine-readable `code` of the JSON body. It does not change between releases.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.facts().code
    }

    /// The public text, `error` in the JSON body.
    #[must_use]
    pub const fn message(self) -> &'static str {
        self.facts().message
    }

    /// The JSON answer: `{"error": "...", "code": "..."}`, `Cache-Control: no-store`.
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
            },
        );
        match self {
            Self::MethodNotAllowed { allow } => {
                let allow = HeaderValue::from_static(allow);
                response.headers_mut().insert(ALLOW, allow);
            }
            Self::RateLimited { retry_after } => {
                response
                    .headers_mut()
                    .insert(RETRY_AFTER, HeaderValue::from(retry_after));
            }
            _ => {}
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
