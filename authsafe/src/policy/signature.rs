//! What a policy takes and returns, as the compiler says it where it does not, and what a guard may name as one.
//!
//! The traits are here, and not in the expansion, since `diagnostic` has no name where there is no prelude.

use http::request::Parts;

use super::decision::{Decision, NamedPolicy};
use crate::session::Session;

/// What a policy may take first.
#[diagnostic::on_unimplemented(
    message = "a policy takes the session first, and not `{Self}`",
    label = "expected `&authsafe::Session`",
    note = "write `async fn policy(session: &authsafe::Session, request: &http::request::Parts) -> bool`"
)]
pub trait TakesSession<'a> {
    /// Returns the session.
    fn of(session: &'a Session) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a> TakesSession<'a> for &'a Session {
    fn of(session: &'a Session) -> Self {
        session
    }
}

/// What a policy may take second, where that is a reference.
#[diagnostic::on_unimplemented(
    message = "a policy takes the request second, and not `{Self}`",
    label = "expected `&http::request::Parts`",
    note = "what else it takes of the request is taken by value: `State`, `Path`, `Query`"
)]
pub trait TakesRequest<'a> {
    /// Returns the request.
    fn of(request: &'a Parts) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a> TakesRequest<'a> for &'a Parts {
    fn of(request: &'a Parts) -> Self {
        request
    }
}

/// What a policy may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no decision",
    label = "expected `authsafe::Decision`, `bool`, or a `Result` of one of them",
    note = "write `-> authsafe::Decision` or `-> bool`; the error of a `Result` implements `Display`"
)]
pub trait Decides {
    /// Returns it as a decision.
    fn decide(self) -> Decision;
}

#[diagnostic::do_not_recommend]
impl<It: Into<Decision>> Decides for It {
    fn decide(self) -> Decision {
        self.into()
    }
}

/// What a guard may name by the name of a function.
#[diagnostic::on_unimplemented(
    message = "this function is no policy",
    label = "expected a function with `#[authsafe::policy]` above it",
    note = "write `#[authsafe::policy]` above the function"
)]
pub trait IsPolicy {}

#[diagnostic::do_not_recommend]
impl<It: NamedPolicy> IsPolicy for It {}
