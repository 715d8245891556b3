//! Guards: `#[require_scope]` and its kin put them in front of a handler's arguments.

use core::marker::PhantomData;
use std::sync::Arc;

use http::request::Parts;

use super::admit::{Admit, admit_or};
use super::at_once::AtOnce;
use super::authorized::Authorized;
use super::context::RequestContext;
use super::request_session::RequestSession;
use crate::policy::{NamedPolicy, Require};
use crate::response::Response;
use crate::spec::{Answers, AsRoutes};
use crate::types::{SaysWhose, Unsaid, Whose};

/// Lets a request through to the handler only where the policy `P` allows it.
///
/// `#[require_scope("...")]` and its kin put it in front of a handler's arguments. `A` is what it
/// answers who is signed out, `R` whose session is asked for, and `H` is the sign-in that the
/// handler's guards are of, where `R` is another.
#[derive(Debug)]
pub struct Guard<P, A = AsRoutes, R = Unsaid, H = Unsaid> {
    memory: Memory,
    names: Names<(P, A, R, H)>,
}

/// Lets a request through where the policy that `T` is the witness of allows it:
/// `#[require(policy = ...)]`. `H` is the sign-in that the handler's guards are of, and `R` is whose session is asked for,
/// where the guard says it.
#[derive(Debug)]
pub struct Decided<T, H = Unsaid, R = Unsaid> {
    pub(super) memory: Memory,
    pub(super) names: Names<(T, H, R)>,
}

/// The word of a witness, by its policy, of whose session it is about.
#[derive(Debug)]
pub struct SaidBy<T>(Names<T>);

impl<P: NamedPolicy> SaysWhose for SaidBy<Authorized<P>> {
    const WHOSE: Whose = P::WHOSE.named();
}

/// Types that are named alone: a guard holds none of their values.
pub(super) type Names<T> = PhantomData<fn() -> T>;

/// Where a guard has noted the sign-in that it is of.
#[derive(Debug)]
pub(super) struct Memory(Option<Arc<RequestSession>>);

impl Memory {
    pub(super) fn of(request: &Parts) -> Self {
        let context = request.extensions.get::<RequestContext>();
        Self(context.map(RequestContext::request_session))
    }

    /// What comes next is another handler.
    fn forget(self) {
        if let Some(of_request) = self.0 {
            of_request.guard_by(None);
        }
    }
}

impl<P, A, R, H> Guard<P, A, R, H> {
    /// A middleware has its arguments: its guards do not speak for what it calls.
    pub fn has_spoken(self) {
        self.memory.forget();
    }
}

impl<T, H, R> Decided<T, H, R> {
    /// A middleware has its arguments: its guards do not speak for what it calls.
    pub fn has_spoken(self) {
        self.memory.forget();
    }
}

impl<P, A, R, H> Admit for Guard<P, A, R, H>
where
    P: Require + 'static,
    A: Answers + 'static,
    R: SaysWhose,
    H: SaysWhose,
{
    const WHOSE: Whose = H::WHOSE.or(R::WHOSE);
    const IS_GUARD: bool = true;

    fn at_once(request: &AtOnce<'_>, _: Whose) -> Option<Self> {
        let whose = R::WHOSE.or(H::WHOSE).or(Whose::Innermost);
        let (session, now) = request.session(whose)?;
        P::POLICY.allows(session, now).then(|| Self {
            memory: Memory(Some(Arc::clone(request.of_request))),
            names: PhantomData,
        })
    }

    async fn admit(request: &Parts, _: Whose) -> Result<Self, Response> {
        // Nothing that a middleware's guard said counts here.
        let whose = R::WHOSE.or(H::WHOSE).or(Whose::Innermost);
        let admitted = admit_or(request, whose, &P::POLICY, A::HOW).await;
        admitted.map(|_| Self {
            memory: Memory::of(request),
            names: PhantomData,
        })
    }
}
