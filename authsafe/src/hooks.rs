//! What an app may hang on to sign-in: a witness of events, an own answer to errors.

use http::request::Parts;

use crate::error::Error;
use crate::response::Response;
use crate::session::Session;

/// Something that happened at sign-in, for audit logs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Someone was sent to the provider.
    SignInStarted {
        /// Where they asked to come back to, or where they land without asking.
        return_to: Option<&'a str>,
    },
    /// Someone came back signed in.
    SignedIn {
        /// The new session.
        session: &'a Session,
    },
    /// A session got new tokens.
    Refreshed {
        /// The session, with its new expiry.
        session: &'a Session,
    },
    /// Someone signed out.
    SignedOut {
        /// The session that ended.
        session: &'a Session,
    },
    /// An endpoint or a guard refused.
    Refused {
        /// Why.
        error: &'a Error,
    },
}

/// What `on_event` names: `fn(&Event<'_>)`.
#[diagnostic::on_unimplemented(
    message = "this path cannot be `on_event`",
    label = "expected `fn(&authsafe::Event<'_>)`"
)]
pub trait EventHook: Send + Sync {
    /// Called after the event, before the response is sent. It must not block.
    fn on_event(&self, event: &Event<'_>);
}

#[diagnostic::do_not_recommend]
impl<F> EventHook for F
where
    F: Fn(&Event<'_>) + Send + Sync,
{
    fn on_event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// What `on_error` names: `fn(&Error, &http::request::Parts) -> Option<authsafe::Response>`.
#[diagnostic::on_unimplemented(
    message = "this path cannot be `on_error`",
    label = "expected `fn(&authsafe::Error, &http::request::Parts) -> Option<authsafe::Response>`"
)]
pub trait ErrorHook: Send + Sync {
    /// An answer in place of the JSON one, or `None` to keep that.
    fn on_error(&self, error: &Error, request: &Parts) -> Option<Response>;
}

#[diagnostic::do_not_recommend]
impl<F> ErrorHook for F
where
    F: Fn(&Error, &Parts) -> Option<Response> + Send + Sync,
{
    fn on_error(&self, error: &Error, request: &Parts) -> Option<Response> {
        self(error, request)
    }
}
