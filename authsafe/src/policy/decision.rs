//! Policies of the app's own: what one is, and what it may decide.

use core::fmt;
use core::future::{Future, ready};
use core::time::Duration;
use std::borrow::Cow;

use http::request::Parts;

use super::tree::Policy;
use crate::session::Session;
use crate::types::Whose;

/// A policy that has a name: what [`#[authsafe::policy]`](macro@crate::policy) makes of a function or
/// of a struct, and what `#[require(policy = ...)]` and [`Authorized`](crate::Authorized) name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no policy",
    label = "expected a function or a struct with `#[authsafe::policy]` above it",
    note = "write `#[authsafe::policy]` above an async function from `&Session` and `&Parts` to `Decision`, or `#[authsafe::policy(role(\"owner\"))]` above a struct"
)]
pub trait NamedPolicy: 'static {
    /// What is asked of the session first. Where it does not hold, nothing else is asked.
    const CONDITION: Policy;

    /// Whose session it is asked about.
    #[doc(hidden)]
    const WHOSE: Whose = Whose::Unsaid;

    /// What the function takes beside the session and the request: extractors of the framework, as a tuple.
    type Arguments: Send;

    /// Decides about somebody who is signed in and of whom the condition holds.
    fn decide(
        session: &Session,
        request: &Parts,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Decision> + Send {
        let _ = (session, request, arguments);
        ready(Decision::allow())
    }
}

/// What a policy decides.
///
/// A `bool` turns into one, and so does a `Result` of either: an error means that nobody can tell
/// now, and then nobody passes.
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
    /// They may.
    pub const fn allow() -> Self {
        Self(Outcome::Allow)
    }

    /// They may not: `403 Forbidden`.
    pub const fn deny() -> Self {
        Self(Outcome::Deny(None))
    }

    /// They may not, for a reason that logs and [`Event::Refused`](crate::hooks::Event::Refused) tell. The
    /// browser is told `403 Forbidden` and not why.
    pub fn deny_because(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(Outcome::Deny(Some(reason.into())))
    }

    /// Nobody can tell now, for a cause that the log tells: `503 Service Unavailable`.
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
