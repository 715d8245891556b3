//! What guards write into the documents of handlers.

use core::marker::PhantomData;
use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::Response;
use utoipa::openapi::{Content, Ref, RefOr, Responses, Schema};

use super::refusals;
use crate::error::{Error, Every, GuardError};
use crate::policy::{NamedPolicy, Policy, Require};
use crate::spec::SpecParts;

const SCHEMA: &str = GuardError::SCHEMA;

/// The answers by which a guard with the policy `P` refuses.
#[derive(Debug)]
pub struct Refusals<P>(PhantomData<P>);

/// The answers by which guards refuse of which one at least names a policy of the app's own.
#[derive(Debug)]
pub struct NamedRefusals<P>(PhantomData<P>);

/// The policy that a policy of the app's own asks of the session first.
#[derive(Debug)]
pub struct Named<P>(PhantomData<P>);

impl<P: NamedPolicy> Require for Named<P> {
    const POLICY: Policy = P::CONDITION;
}

impl<P: Require> IntoResponses for Refusals<P> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let asked = format!("; asked for is `{}`", P::POLICY);
        responses(&errors(&P::POLICY, false), &asked)
    }
}

impl<P: Require> IntoResponses for NamedRefusals<P> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let asked = format!(
            "; asked for is `{}`, and then a policy of the app's own",
            P::POLICY
        );
        responses(&errors(&P::POLICY, true), &asked)
    }
}

fn responses(errors: &[Error], asked: &str) -> BTreeMap<String, RefOr<Response>> {
    let mut responses = refusals::responses(SCHEMA, errors).responses;
    let mut add = |status: &str, text: &str| {
        if let Some(RefOr::T(response)) = responses.get_mut(status) {
            response.description.push_str(text);
        }
    };
    add(
        "401",
        "; who opens a page may be sent to sign in instead (303)",
    );
    if errors.contains(&GuardError::Forbidden.into()) {
        add("403", asked);
    }
    responses
}

/// The schema of all guards' errors, by its name.
pub(super) fn error_component(spec: &SpecParts) -> (&'static str, RefOr<Schema>) {
    let errors = errors_where(|error| spec.bearer.is_some() || !is_of_bearer(error));
    (SCHEMA, refusals::schema(&errors, spec.on_error.is_some()))
}

/// Returns what the guard before an operation refuses a bearer token with.
pub(super) fn bearer_responses(operation: &mut Operation) -> Responses {
    let forbidden = operation.responses.responses.get_mut("403");
    let forbids = forbidden.is_some_and(is_by_policy);
    let errors = errors_where(|error| match error {
        GuardError::InsufficientScope => forbids,
        error => is_of_bearer(error),
    });
    refusals::responses(SCHEMA, &errors)
}

/// Returns whether there is a guard before an operation.
pub(super) fn stand_before(operation: &mut Operation) -> bool {
    let mut responses = operation.responses.responses.values_mut();
    responses.any(is_refusal)
}

fn is_refusal(response: &mut RefOr<Response>) -> bool {
    match response {
        RefOr::T(response) => body(response).is_some(),
        RefOr::Ref(_) => false,
    }
}

/// Returns whether a policy lets some in and others not.
fn is_by_policy(response: &mut RefOr<Response>) -> bool {
    let code = Error::from(GuardError::Forbidden).code();
    match response {
        RefOr::T(response) => body(response).is_some_and(|it| it.examples.contains_key(code)),
        RefOr::Ref(_) => false,
    }
}

/// The body of a response, if it is a guard's refusal.
pub(super) fn body(response: &mut Response) -> Option<&mut Content> {
    let ours = Some(Ref::from_schema_name(SCHEMA).into());
    let mut bodies = response.content.values_mut().filter_map(|body| match body {
        RefOr::T(body) => Some(body),
        RefOr::Ref(_) => None,
    });
    bodies.find(|body| body.schema == ours)
}

/// Returns what a guard with this policy may refuse a session with, and with one of the app's own besides.
fn errors(policy: &Policy, is_named: bool) -> Vec<Error> {
    errors_where(|error| match error {
        GuardError::Forbidden => is_named || *policy != Policy::SignedIn,
        GuardError::PolicyUnavailable => is_named,
        GuardError::ReauthenticationRequired => policy.max_age().is_some(),
        error => !is_of_bearer(error),
    })
}

fn errors_where(holds: impl Fn(GuardError) -> bool) -> Vec<Error> {
    let errors = GuardError::every().into_iter();
    errors
        .filter(|error| holds(*error))
        .map(Into::into)
        .collect()
}

fn is_of_bearer(error: GuardError) -> bool {
    use GuardError as E;
    matches!(
        error,
        E::InvalidRequest
            | E::InvalidToken
            | E::InsufficientScope
            | E::SessionRequired
            | E::VerificationUnavailable
    )
}
