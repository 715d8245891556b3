//! Guards: who gets to a handler, and what everybody else is told.

use core::marker::PhantomData;
use core::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap};

use crate::auth::Auth;
use crate::challenge;
use crate::clock::UnixSeconds;
use crate::error::GuardError;
use crate::exchange::{Exchange, SessionData};
use crate::log;
use crate::path_rules::Demands;
use crate::policy::{Policy, Require};
use crate::response::Response;
use crate::session::Session;
use crate::unauthenticated::{Answers, AsRoutes, SignedOut, Unauthenticated};

/// Lets a request through to the handler only where the policy `P` allows it.
///
/// `#[require_scope("...")]` and its kin put it in front of a handler's arguments. `A` is what it
/// answers who is signed out.
#[derive(Debug)]
pub struct Guard<P, A = AsRoutes>(PhantomData<(P, A)>);

/// Whoever it is, signed in or not: for pages that greet whom they know.
///
/// The same on every framework. axum also takes `Option<Session>` for it; with actix-web an
/// `Option` is `None` after any error, so that a forgotten middleware would look like a stranger.
///
/// A request that is refused all the same: one that would change something and comes from another
/// origin's page, with a session.
///
/// ```
/// use authsafe::Visitor;
///
/// async fn home(Visitor(session): Visitor) -> String {
///     match session {
///         Some(session) => format!("Hello {}", session.user().display_name()),
///         None => "Hello stranger".to_owned(),
///     }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Visitor(pub Option<Session>);

/// What the session layer gives each request.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    auth: Auth,
    /// The path as the browser asked for it, before routers cut it.
    asked_for: Option<PathAndQuery>,
    /// The address that a request came in from, as the framework tells it.
    peer: fn(&Extensions) -> Option<IpAddr>,
    exchange: Arc<Exchange>,
}

impl RequestContext {
    pub(crate) fn new(
        auth: Auth,
        request: &http::Uri,
        peer: fn(&Extensions) -> Option<IpAddr>,
    ) -> Self {
        Self {
            auth,
            asked_for: request.path_and_query().cloned(),
            peer,
            exchange: Arc::default(),
        }
    }

    pub(crate) fn exchange(&self) -> Arc<Exchange> {
        Arc::clone(&self.exchange)
    }

    /// The context of a request, or the refusal of one that the layer has not seen.
    fn of(extensions: &Extensions) -> Result<&Self, Response> {
        extensions.get().ok_or_else(|| {
            log::error!(
                "no session layer around this handler: add `.layer(auth.layer())` to the router, \
                 or `.wrap(auth.middleware())` to an actix-web app"
            );
            crate::Error::from(GuardError::LayerMissing).response()
        })
    }

    /// Opens the session, once a request, and keeps it fresh. Another origin's page has no session to
    /// change anything with.
    async fn session(
        &self,
        request: &Parts,
    ) -> (&Result<Option<Session>, GuardError>, UnixSeconds) {
        let auth = &self.auth;
        self.exchange.note_that_it_matters();
        if auth.is_foreign(request) {
            return (Box::pin(self.of_foreign(&request.headers)).await, 0);
        }
        let asked_for = self.asked_for.as_ref().map(PathAndQuery::path);
        self.exchange
            .session(auth, request, asked_for, self.peer)
            .await
    }

    /// What is said to another origin's page: that it is one, where there is a session that it
    /// would have. Its tokens stay as they are, and it is no use of the app.
    async fn of_foreign(
        &self,
        headers: &HeaderMap,
    ) -> &'static Result<Option<Session>, GuardError> {
        static NOBODY: Result<Option<Session>, GuardError> = Ok(None);
        static SOMEBODY: Result<Option<Session>, GuardError> = Err(GuardError::ForeignOrigin);
        static UNKNOWN: Result<Option<Session>, GuardError> = Err(GuardError::StateUnavailable);
        match self.auth.session(headers).await {
            Ok(None) => &NOBODY,
            Ok(Some(_)) => &SOMEBODY,
            Err(_) => &UNKNOWN,
        }
    }

    fn refuse(&self, request: &Parts, policy: &Policy, error: GuardError) -> Response {
        challenge::refuse(&self.auth, request, policy, error)
    }
}

impl<P: Require, A: Answers> Guard<P, A> {
    /// Opens the session and asks the policy.
    pub(crate) async fn admit(request: &Parts) -> Result<Self, Response> {
        let admitted = admit_or(request, &P::POLICY, A::HOW).await;
        admitted.map(|_| Self(PhantomData))
    }
}

/// The session of a request that the policy allows; what to answer where it does not.
pub(crate) async fn admit(request: &Parts, policy: &Policy) -> Result<Session, Response> {
    admit_or(request, policy, None).await
}

/// [`admit`] with an own choice of what signed-out visitors get.
pub(crate) async fn admit_or(
    request: &Parts,
    policy: &Policy,
    own: Option<Unauthenticated>,
) -> Result<Session, Response> {
    let context = RequestContext::of(&request.extensions)?;
    let (session, now) = context.session(request).await;
    match session {
        Ok(Some(session)) if policy.allows(session, now) => Ok(session.clone()),
        Ok(Some(session)) if policy.allows_once_signed_in_again(session) => {
            let error = GuardError::ReauthenticationRequired;
            Err(signed_out(context, request, policy, error, own))
        }
        Ok(Some(_)) => Err(context.refuse(request, policy, GuardError::Forbidden)),
        Ok(None) => {
            let error = GuardError::from(&context.auth);
            Err(signed_out(context, request, policy, error, own))
        }
        Err(error) => Err(context.refuse(request, policy, *error)),
    }
}

/// What to answer where a policy of the app's own lets nobody in: no scope is known to help.
pub(crate) fn refuse(request: &Parts, error: GuardError) -> Response {
    match RequestContext::of(&request.extensions) {
        Ok(context) => context.refuse(request, &Policy::SignedIn, error),
        Err(refusal) => refusal,
    }
}

/// What refuses a request and tells of it.
pub(crate) fn auth(request: &Parts) -> Result<&Auth, Response> {
    RequestContext::of(&request.extensions).map(|context| &context.auth)
}

/// Holds a request to what its path demands. The guards behind find the session opened.
pub(crate) async fn admit_path(request: &Parts, demands: &Demands) -> Result<(), Response> {
    for policy in demands.policies() {
        admit(request, policy).await.map(drop)?;
    }
    Ok(())
}

/// The session of a request, if there is one that can be used now.
pub(crate) async fn visitor(request: &Parts) -> Result<Option<Session>, Response> {
    let context = RequestContext::of(&request.extensions)?;
    match context.session(request).await {
        // Who shows a token and is not known by it is told so, and not taken for a stranger; nor is
        // who would change something from another origin.
        (Err(error), _)
            if context.exchange.is_by_token() || *error == GuardError::ForeignOrigin =>
        {
            Err(context.refuse(request, &Policy::SignedIn, *error))
        }
        (session, _) => Ok(session.clone().unwrap_or_default()),
    }
}

impl SessionData {
    /// The data of a request's session, or what to answer where there is none.
    pub(crate) async fn admit(request: &Parts) -> Result<Self, Response> {
        let session = admit(request, &Policy::SignedIn).await?;
        let context = RequestContext::of(&request.extensions)?;
        if context.exchange.is_by_token() {
            let error = GuardError::SessionRequired;
            return Err(context.refuse(request, &Policy::SignedIn, error));
        }
        let (exchange, headers) = (context.exchange(), request.headers.clone());
        Ok(Self::new(exchange, session, headers))
    }
}

/// What a visitor gets who has to sign in first.
fn signed_out(
    context: &RequestContext,
    request: &Parts,
    policy: &Policy,
    error: GuardError,
    own: Option<Unauthenticated>,
) -> Response {
    let auth = &context.auth;
    // A client with a token is told what the token lacks.
    if !auth.is_configured() || context.exchange.is_by_token() {
        return context.refuse(request, policy, error);
    }
    let (sign_in, asked_for) = (auth.sign_in_path(), context.asked_for.as_ref());
    let visitor = SignedOut::new(error, request, sign_in, asked_for, policy.max_age());
    let how = own.unwrap_or(auth.unauthenticated());
    match visitor.answer(how) {
        Some(response) => {
            if let Unauthenticated::With(_) = how {
                auth.note_refusal(error.into());
            }
            response
        }
        None => context.refuse(request, policy, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guards_future_is_small_enough_to_be_moved_about() {
        let (request, ()) = http::Request::new(()).into_parts();
        let future = admit(&request, &Policy::SignedIn);
        assert!(
            size_of_val(&future) <= 512,
            "{} bytes",
            size_of_val(&future)
        );
    }
}
