//! What axum and actix-web ask for a handler's arguments. Those behind one that names a sign-in are of the same,
//! where they say nothing else.

use core::marker::PhantomData;

use http::request::Parts;

use super::admit::Admit;
use super::at_once::AtOnce;
use super::authorized::Authorized;
use super::context::RequestContext;
use super::guard::{Decided, Memory};
use super::request_session::RequestSession;
use crate::policy::NamedPolicy;
use crate::response::Response;
use crate::session::Session;
use crate::types::{SaysWhose, Whose};

/// Returns an argument of a handler, or what to answer.
pub(crate) async fn argument<T: Admit>(request: &Parts) -> Result<T, Response> {
    if let Some(context) = request.extensions.get::<RequestContext>() {
        note(&context.of_request, T::WHOSE, T::IS_GUARD);
        let ask = |it: &AtOnce<'_>| T::at_once(it, T::WHOSE);
        if let Some(argument) = context.at_once(&request.method, &request.headers, ask) {
            return Ok(argument);
        }
    }
    T::admit(request, T::WHOSE).await
}

/// Returns an argument of a handler that is there at once. `None`: [`argument`] returns it, or what to answer.
#[cfg(feature = "actix")]
pub(crate) fn argument_at_once<T: Admit>(request: &AtOnce<'_>) -> Option<T> {
    note(request.of_request, T::WHOSE, T::IS_GUARD);
    T::at_once(request, T::WHOSE)
}

/// An argument of a handler that lets in whom a policy of the app's own allows.
pub(crate) trait AsksPolicy: Sized {
    /// The policy.
    type Policy: NamedPolicy;

    /// Whose session it says that it is about, also to arguments behind it that say nothing.
    const WHOSE: Whose;

    /// Whose session it asks for, where the policy does not say.
    const ASKED: Whose;

    /// Whether it is a guard; see [`Admit::IS_GUARD`].
    const IS_GUARD: bool;

    /// Returns what the handler is given.
    fn passed(by: Authorized<Self::Policy>, request: &Parts) -> Self;
}

impl<P: NamedPolicy> AsksPolicy for Authorized<P> {
    type Policy = P;
    const WHOSE: Whose = P::WHOSE;
    const ASKED: Whose = P::WHOSE;
    const IS_GUARD: bool = false;

    fn passed(by: Self, _: &Parts) -> Self {
        by
    }
}

impl<P: NamedPolicy, H: SaysWhose, R: SaysWhose> AsksPolicy for Decided<Authorized<P>, H, R> {
    type Policy = P;
    const WHOSE: Whose = H::WHOSE.or(R::WHOSE).or(P::WHOSE);
    const ASKED: Whose = R::WHOSE.or(H::WHOSE).or(Whose::Innermost);
    const IS_GUARD: bool = true;

    fn passed(_: Authorized<P>, request: &Parts) -> Self {
        Self {
            memory: Memory::of(request),
            names: PhantomData,
        }
    }
}

/// Returns whoever may be asked about, before anything else is read for the policy.
pub(crate) async fn holder<T: AsksPolicy>(request: &Parts) -> Result<Session, Response> {
    if let Some(context) = request.extensions.get::<RequestContext>() {
        note(&context.of_request, T::WHOSE, T::IS_GUARD);
    }
    Authorized::<T::Policy>::holder(request, T::ASKED).await
}

/// Asks the policy about them.
pub(crate) async fn decide<T: AsksPolicy>(
    session: Session,
    request: &Parts,
    arguments: <T::Policy as NamedPolicy>::Arguments,
) -> Result<T, Response> {
    let decided = Authorized::decide(session, request, T::ASKED, arguments);
    decided.await.map(|by| T::passed(by, request))
}

/// Notes whose session an argument says that it is about.
fn note(of_request: &RequestSession, whose: Whose, is_guard: bool) {
    match whose {
        Whose::Of(routes) if is_guard => of_request.guard_by(Some(routes)),
        Whose::Of(routes) => drop(of_request.guards().get_or_insert(routes)),
        _ if is_guard => of_request.guard_by(None),
        _ => {}
    }
}
