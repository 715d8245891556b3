//! Policies of the app's own: what one is, and what it may decide.

use core::fmt;
use core::future::{Future, ready};
use core::time::Duration;
use std::borrow::Cow;

use http::request::Parts;

use super::tree::Policy;
use crate::session::Session;
use crate::types::Whose;

/// A policy that has a name.
///
/// [`#[authsafe::policy]`](macro@crate::policy) makes one of a function or a struct. `#[require(policy = ...)]`
/// and [`Authorized`](crate::Authorized) name it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no policy",
    label = "expected a function or a struct with `#[authsafe::policy]` above it",
    note = "write `#[authsafe::policy]` above an async function from `&Session` and `&Parts` to `Decision`, or `#[authsafe::policy(role(\"owner\"))]` above a struct"
)]
pub trait NamedPolicy: 'static {
    /// The condition on the session. It is checked first. If it does not hold, the function is not called.
    const CONDITION: Policy;

    /// Whose session it is asked about.
    #[doc(hidden)]
    const WHOSE: Whose = Whose::Unsaid;

    /// The function's arguments after the session and the request: extractors of the framework, as a tuple.
    type Arguments: Send;

    /// Decides about a user who is signed in and fulfils the condition.
    fn decide(
        session: &Session,
        request: &Parts,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Decision> + Send {
        let _ = (session, request, arguments);
        ready(Decision::allow())
    }
}

/// The decision of a policy.
///
/// A `bool` turns into one, and so does a `Result` of either. An error means that the policy cannot decide now:
/// then nobody passes.
///
/// ```
/// use authsafe::Decision;
///
/// let owner = false;
/// assert_eq!(Decision::from(owner), Decision::deny());
///
/// let asked: Result<bool, &str> = Err("the database does not answer");
/// assert_eq!(Decision::from(asked), Decision::unavailable("the database does not answer"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a decision that nobody looks at lets nobody in"]
pub struct Decision(pub(crate) Outcome);

/// With reasons that are for logs alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Allow,
    Deny(Option<Cow<'static, str>>),
    /// They may once they have signed in again, this lately.
    SignInAgain(Duration),
    Unavailable(Cow<'static, str>),
}

impl Decision {
    /// Lets the visitor pass.
    pub const fn allow() -> Self {
        Self(Outcome::Allow)
    }

    /// Refuses the visitor: `403 Forbidden`.
    pub const fn deny() -> Self {
        Self(Outcome::Deny(None))
    }

    /// Refuses the visitor for a reason. Logs and [`Event::Refused`](crate::hooks::Event::Refused) have the reason.
    /// The browser gets `403 Forbidden` without it.
    pub fn deny_because(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(Outcome::Deny(Some(reason.into())))
    }

    /// Says that the policy cannot decide now: `503 Service Unavailable`. The log has the cause.
    pub fn unavailable(cause: impl Into<Cow<'static, str>>) -> Self {
        Self(Outcome::Unavailable(cause.into()))
    }
}

impl From<bool> for Decision {
    fn from(allow: bool) -> Self {
        if allow { Self::allow() } else { Self::deny() }
    }
}

impl<D: Into<Self>, E: fmt::Display> From<Result<D, E>> for Decision {
    fn from(decided: Result<D, E>) -> Self {
        match decided {
            Ok(decision) => decision.into(),
            Err(error) => Self::unavailable(error.to_string()),
        }
    }
}
