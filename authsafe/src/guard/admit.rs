//! Who gets to a handler, and what everybody else is told.

use core::future::Future;
use core::time::Duration;

use http::header::SET_COOKIE;
use http::request::Parts;
use http::uri::PathAndQuery;

use super::at_once::AtOnce;
use super::context::{Own, RequestContext};
use super::way_in::WayIn;
use crate::auth::Auth;
use crate::error::GuardError;
use crate::flow;
use crate::log;
use crate::path_rules::Demands;
use crate::policy::Policy;
use crate::response::Response;
use crate::session::Session;
use crate::spec::{SignedOut, Unauthenticated};
use crate::types::{ReturnTo, Whose};

/// What a handler has of a request once it is decided that it may.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing of a session",
    label = "expected `Session`, `Visitor` or `SessionData`"
)]
pub trait Admit: Sized + Send + 'static {
    /// Whose session it says that it is about, also to arguments behind it that say nothing.
    const WHOSE: Whose = Whose::Unsaid;

    /// Whether it is a guard. Then it says what all guards of the handler say, and what was said in a
    /// middleware before them is forgotten.
    const IS_GUARD: bool = false;

    /// Decides of a request that nothing has to be waited for and nobody has to be told of. `None`:
    /// [`admit`](Self::admit) decides.
    #[doc(hidden)]
    fn at_once(_: &AtOnce<'_>, _: Whose) -> Option<Self> {
        None
    }

    /// Opens the session and decides.
    fn admit(request: &Parts, whose: Whose) -> impl Future<Output = Result<Self, Response>> + Send;
}

/// The handle of the session layer around a handler. It asks nobody who they are.
impl Admit for Auth {
    async fn admit(request: &Parts, whose: Whose) -> Result<Self, Response> {
        auth(request, whose).cloned()
    }
}

/// Where nothing takes a handler's arguments: on tower and hyper. [`Auth::layer`] has to be around it.
impl Auth {
    /// Returns the handle of the session layer around a handler, for
    /// [`revoke_user`](Self::revoke_user), say. On axum and actix-web `Auth` is an argument.
    ///
    /// # Errors
    ///
    /// What to answer where the layer is missing: 500.
    pub fn of(request: &Parts) -> Result<Self, Response> {
        auth(request, Whose::Unsaid).cloned()
    }
}

/// Whoever is signed in.
impl Admit for Session {
    fn at_once(request: &AtOnce<'_>, whose: Whose) -> Option<Self> {
        request.session(whose).map(|(session, _)| session.clone())
    }

    async fn admit(request: &Parts, whose: Whose) -> Result<Self, Response> {
        admit(request, whose, &Policy::SignedIn).await
    }
}

/// Where nothing takes a handler's arguments: on tower and hyper. [`Auth::layer`](crate::Auth::layer)
/// has to be around it.
impl Session {
    /// Returns the session of a request, for whoever is signed in: as it was when the request came in, however often it is
    /// asked for. [`Auth::authenticate`](crate::Auth::authenticate) looks again, for a connection that stays open.
    ///
    /// # Errors
    ///
    /// What to answer instead: the way to sign in, or 401; 403 for a page of another origin; 503 if the session cannot be
    /// checked; with `bearer(...)` also 400, 401 or 503 for a token; 500 where the layer is missing.
    pub async fn of(request: &Parts) -> Result<Self, Response> {
        Self::authorize(request, Policy::SignedIn).await
    }

    /// Returns the session of a request that the policy allows: what `#[require_scope]` and a `Session`
    /// argument are in axum.
    ///
    /// ```
    /// use authsafe::{Policy, Response, Session};
    /// use http::request::Parts;
    ///
    /// #[authsafe::routes(scopes("openid", "profile", "admin"))]
    /// mod auth {}
    ///
    /// async fn admin_dashboard(request: &Parts) -> Result<Response, Response> {
    ///     let session = Session::authorize(request, Policy::Scope(auth::scopes::ADMIN)).await?;
    ///     let text = format!("Hello {}", session.user().display_name());
    ///     Ok(Response::new(text.into()))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// What to answer instead: what [`Session::of`] says, and 403 for whom the policy does not allow.
    pub async fn authorize(request: &Parts, policy: Policy) -> Result<Self, Response> {
        admit(request, Whose::Unsaid, &policy).await
    }

    /// Returns what [`Session::authorize`] does, with an own choice of what signed-out visitors get.
    ///
    /// # Errors
    ///
    /// As [`Session::authorize`].
    pub async fn authorize_or(
        request: &Parts,
        policy: Policy,
        unauthenticated: Unauthenticated,
    ) -> Result<Self, Response> {
        admit_or(request, Whose::Unsaid, &policy, Some(unauthenticated)).await
    }
}

/// The session of a request that the policy allows; what to answer where it does not.
pub(crate) async fn admit(
    request: &Parts,
    whose: Whose,
    policy: &Policy,
) -> Result<Session, Response> {
    admit_or(request, whose, policy, None).await
}

/// [`admit`] with an own choice of what signed-out visitors get.
pub(crate) async fn admit_or(
    request: &Parts,
    whose: Whose,
    policy: &Policy,
    own: Option<Unauthenticated>,
) -> Result<Session, Response> {
    let context = RequestContext::of(&request.extensions, whose)?;
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

/// Returns what to answer where a policy of the app's own lets nobody in, for a cause that the log tells: no
/// scope is known to help.
pub(crate) fn refuse(request: &Parts, whose: Whose, error: GuardError, own: Own<'_>) -> Response {
    match RequestContext::of(&request.extensions, whose) {
        Ok(context) => context.refuse_because(request, error, own),
        Err(refusal) => refusal,
    }
}

/// Returns what to answer where a policy wants a new sign-in.
pub(crate) fn sign_in_again(request: &Parts, whose: Whose, max_age: Duration) -> Response {
    let seconds = u32::try_from(max_age.as_secs()).unwrap_or(u32::MAX);
    match RequestContext::of(&request.extensions, whose) {
        Ok(context) => {
            let error = GuardError::ReauthenticationRequired;
            signed_out(context, request, &Policy::Recent(seconds), error, None)
        }
        Err(refusal) => refusal,
    }
}

/// Returns what refuses a request and tells of it.
pub(crate) fn auth(request: &Parts, whose: Whose) -> Result<&Auth, Response> {
    RequestContext::of(&request.extensions, whose).map(|context| &context.auth)
}

/// Holds a request to what its path demands, by the layer that it has just come to. The guards behind
/// find the session opened.
pub(crate) async fn admit_path(request: &Parts, demands: &Demands) -> Result<(), Response> {
    for policy in demands.policies() {
        admit(request, Whose::Innermost, policy).await.map(drop)?;
    }
    Ok(())
}

/// The session of a request, if there is one that can be used now.
pub(super) async fn visitor(request: &Parts, whose: Whose) -> Result<Option<Session>, Response> {
    let context = RequestContext::of(&request.extensions, whose)?;
    match context.session(request).await {
        // Who shows a token and is not known by it is told so, and not taken for a stranger; nor is who
        // would change something from another origin, or whose session cannot be looked for now.
        (Err(error), _)
            if context.of_request.is_by_token()
                || matches!(
                    error,
                    GuardError::ForeignOrigin | GuardError::StateUnavailable
                ) =>
        {
            Err(context.refuse(request, &Policy::SignedIn, *error))
        }
        (session, _) => {
            if let (Err(_), Some(cause)) = (session, context.of_request.cause()) {
                log::warn!(
                    cause,
                    "a session cannot be used now: its visitor is nobody meanwhile"
                );
            }
            Ok(session.clone().unwrap_or_default())
        }
    }
}

/// Returns what a visitor gets who has to sign in first.
fn signed_out(
    context: &RequestContext,
    request: &Parts,
    policy: &Policy,
    error: GuardError,
    own: Option<Unauthenticated>,
) -> Response {
    let auth = &context.auth;
    // A client with a token is told what the token lacks.
    if !auth.is_configured() || context.of_request.is_by_token() {
        return context.refuse(request, policy, error);
    }
    let as_asked = context.as_asked(request);
    let request = as_asked.as_deref().unwrap_or(request);
    let asked_for = context.asked_for.as_ref();
    let mut way = WayIn::of(auth, request, asked_for, error);
    let (begins_at, max_age) = ((way.path, way.code), policy.max_age());
    let visitor = SignedOut::new(
        error,
        request,
        begins_at,
        return_to(request, asked_for),
        max_age,
    );
    let how = own.unwrap_or(auth.unauthenticated());
    let Some(mut response) = visitor.answer(how) else {
        return sends(context, request, policy, &visitor, how);
    };
    if let Unauthenticated::With(_) = how {
        // Its own answer may send them to the provider once more: the cookie stays, and keeps them from going
        // round.
        way.cancelled = None;
        auth.note_refusal(error.into(), request, &context.demand(request, policy));
    } else if way.goes_round {
        let (to, is_cancelled) = (visitor.sign_in_url(), way.cancelled.is_some());
        let demand = context.demand(request, policy);
        response = auth.ask_to_sign_in(error, request, &demand, &to, is_cancelled);
    }
    let is_over = way.cancelled.map(|cookie| (SET_COOKIE, cookie));
    response.headers_mut().extend(is_over);
    response
}

/// Returns where a visitor comes back to: nowhere where the path is no return path.
fn return_to(request: &Parts, asked_for: Option<&PathAndQuery>) -> Option<ReturnTo> {
    let asked_for = asked_for.filter(|_| request.method.is_safe())?;
    // No URL is of the origin that is none.
    let path = ReturnTo::asked_for(asked_for.as_str(), "");
    let dropped = |reason| {
        log::info!(%reason, "the path that a sign-in is for is left out: people land where they land without one");
    };
    path.map_err(dropped).ok()
}

/// Returns what a visitor gets whose request cannot be come back to by a GET: their form is kept, or a person
/// sees a page.
fn sends(
    context: &RequestContext,
    request: &Parts,
    policy: &Policy,
    visitor: &SignedOut<'_>,
    how: Unauthenticated,
) -> Response {
    let (auth, error) = (&context.auth, visitor.error());
    if matches!(how, Unauthenticated::Json) || !visitor.sends() {
        return context.refuse(request, policy, error);
    }
    let asked_for = context.asked_for.as_ref();
    let way = |app| flow::way_of_form(app, request, asked_for, policy.max_age());
    if let Some(to) = auth.app().and_then(|app| way(app)) {
        return flow::send_on(&to);
    }
    let demand = context.demand(request, policy);
    auth.ask_to_sign_in(error, request, &demand, &visitor.sign_in_url(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guards_future_is_small_enough_to_be_moved_about() {
        let (request, ()) = http::Request::new(()).into_parts();
        let future = admit(&request, Whose::Unsaid, &Policy::SignedIn);
        assert!(
            size_of_val(&future) <= 512,
            "{} bytes",
            size_of_val(&future)
        );
    }
}
