//! Guards: who gets to a handler, and what everybody else is told.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::net::IpAddr;
use core::ops::Deref;
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
use crate::routes::{Routes, SaysWhose, Unsaid, Whose};
use crate::session::Session;
use crate::unauthenticated::{Answers, AsRoutes, SignedOut, Unauthenticated};

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
/// `#[require(policy = ...)]`. `H` is the sign-in that the handler's guards are of.
#[derive(Debug)]
pub struct Decided<T, H = Unsaid> {
    memory: Memory,
    names: Names<(T, H)>,
}

/// What a witness says, by its policy, of whose session it is about.
#[derive(Debug)]
pub struct SaidBy<T>(Names<T>);

impl<T: Admit> SaysWhose for SaidBy<T> {
    const WHOSE: Whose = T::WHOSE;
}

/// Types that are named alone: a guard holds none of their values.
type Names<T> = PhantomData<fn() -> T>;

/// Where a guard has noted the sign-in that it is of.
#[derive(Debug)]
struct Memory(Option<Arc<Exchange>>);

impl Memory {
    fn of(request: &Parts) -> Self {
        let context = request.extensions.get::<RequestContext>();
        Self(context.map(RequestContext::exchange))
    }

    /// What comes next is another handler.
    fn forget(self) {
        if let Some(exchange) = self.0 {
            exchange.guard_by(None);
        }
    }
}

impl<P, A, R, H> Guard<P, A, R, H> {
    /// A middleware has its arguments: its guards do not speak for what it calls.
    pub fn has_spoken(self) {
        self.memory.forget();
    }
}

impl<T, H> Decided<T, H> {
    /// A middleware has its arguments: its guards do not speak for what it calls.
    pub fn has_spoken(self) {
        self.memory.forget();
    }
}

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

/// A [`Session`], a [`Visitor`] or [`SessionData`] of the sign-in `R`, for apps with more than one.
///
/// Where layers of several sign-ins lie around a handler, a plain `Session` is of the one that the
/// handler's guards name, and of the innermost layer where none names any. The arguments are asked in
/// their order: an [`Authorized`](crate::Authorized) speaks for those behind it. This says whose it is
/// in any case; where no layer of that sign-in is around, nobody passes, and the log says why.
///
/// ```
/// use authsafe::{Of, Session, Visitor, require_scope};
///
/// pub mod shop {
///     #[authsafe::routes(base_path = "/shop/auth", cookies(name = "shop"))]
///     pub mod auth {}
/// }
///
/// pub mod staff {
///     #[authsafe::routes(
///         base_path = "/staff/auth",
///         scopes("openid", "admin"),
///         cookies(name = "staff"),
///     )]
///     pub mod auth {}
/// }
///
/// /// The guard is of the staff, and so is the session.
/// #[require_scope("admin", routes = staff::auth)]
/// async fn refund(session: Session, customer: Of<Visitor, shop::auth::Routes>) -> String {
///     let staff = session.user().display_name();
///     match &customer.0 {
///         Some(customer) => format!("{staff}, looking at {}", customer.user().display_name()),
///         None => staff.to_owned(),
///     }
/// }
///
/// async fn basket(session: Of<Session, shop::auth::Routes>) -> String {
///     format!("Hello {}", session.user().display_name())
/// }
/// # fn main() { drop(axum::Router::<()>::new().route("/r", axum::routing::post(refund)).route("/b", axum::routing::get(basket))); }
/// ```
///
/// [`Authorized`](crate::Authorized) needs none: a policy says itself whose session it is asked
/// about, `#[authsafe::policy(scope("admin"), routes = staff::auth)]`.
pub struct Of<T, R>(T, PhantomData<fn() -> R>);

impl<T, R> Of<T, R> {
    /// What it holds.
    pub fn into_inner(self) -> T {
        self.0
    }
}

#[cfg(feature = "axum")]
impl<R> Of<Visitor, R> {
    /// Who it is, if it is known.
    pub(crate) fn known(self) -> Option<Of<Session, R>> {
        self.0.0.map(|session| Of(session, PhantomData))
    }
}

impl<T, R> Deref for Of<T, R> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What it holds alone.
impl<T: fmt::Debug, R> fmt::Debug for Of<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Of").field(&self.0).finish()
    }
}

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

    /// Opens the session and decides.
    fn admit(request: &Parts, whose: Whose) -> impl Future<Output = Result<Self, Response>> + Send;
}

/// As an argument of a handler: those behind it that say nothing else are of the same sign-in.
pub(crate) async fn argument<T: Admit>(request: &Parts) -> Result<T, Response> {
    if let Some(context) = request.extensions.get::<RequestContext>() {
        match T::WHOSE {
            Whose::Of(routes) if T::IS_GUARD => context.exchange.guard_by(Some(routes)),
            Whose::Of(routes) => context.exchange.speak_for(routes),
            _ if T::IS_GUARD => context.exchange.guard_by(None),
            _ => {}
        }
    }
    T::admit(request, T::WHOSE).await
}

/// What the session layer gives each request.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    auth: Auth,
    /// The path as the browser asked for it, before routers cut it.
    asked_for: Option<PathAndQuery>,
    /// The address that a request came in from, as the framework tells it.
    peer: fn(&Extensions) -> Option<IpAddr>,
    exchange: Arc<Exchange>,
    /// What the session layer around this one gave.
    outer: Option<Arc<RequestContext>>,
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
            outer: None,
        }
    }

    /// This one, within that of a layer further out.
    pub(crate) fn within(mut self, outer: Option<Self>) -> Self {
        self.outer = outer.map(Arc::new);
        self
    }

    /// Becomes the innermost of a request.
    #[cfg(feature = "tower")]
    pub(crate) fn enter(self, extensions: &mut Extensions) {
        let outer = extensions.remove::<Self>();
        extensions.insert(self.within(outer));
    }

    pub(crate) fn exchange(&self) -> Arc<Exchange> {
        Arc::clone(&self.exchange)
    }

    /// The context of a request, or the refusal of one that the layer has not seen.
    fn of(extensions: &Extensions, whose: Whose) -> Result<&Self, Response> {
        let missing = || crate::Error::from(GuardError::LayerMissing).response();
        let Some(innermost) = extensions.get::<Self>() else {
            log::error!(
                "no session layer around this handler: add `.layer(auth.layer())` to the router, \
                 or `.wrap(auth.middleware())` to an actix-web app"
            );
            return Err(missing());
        };
        let named = match whose {
            Whose::Unsaid => innermost.exchange.guarded_by(),
            Whose::Innermost => None,
            Whose::Of(routes) => Some(routes),
        };
        let Some(named) = named else {
            return Ok(innermost);
        };
        // Of two layers of one sign-in the inner one.
        let found = innermost.outwards().find(|it| it.auth.routes() == named);
        found.ok_or_else(|| {
            let around: Vec<_> = innermost.outwards().map(|it| it.auth.routes()).collect();
            log::error!(
                routes = ?named,
                ?around,
                "no session layer of the routes that a guard names is around this handler: add \
                 `.layer(auth.layer())` (actix-web: `.wrap(auth.middleware())`) with what \
                 `from_env()` of these routes returns"
            );
            missing()
        })
    }

    /// It, and those around it.
    fn outwards(&self) -> impl Iterator<Item = &Self> {
        core::iter::successors(Some(self), |it| it.outer.as_deref())
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

impl<P, A, R, H> Admit for Guard<P, A, R, H>
where
    P: Require + 'static,
    A: Answers + 'static,
    R: SaysWhose,
    H: SaysWhose,
{
    const WHOSE: Whose = H::WHOSE.or(R::WHOSE);
    const IS_GUARD: bool = true;

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

impl<T: Admit, H: SaysWhose> Admit for Decided<T, H> {
    const WHOSE: Whose = H::WHOSE.or(T::WHOSE);
    const IS_GUARD: bool = true;

    async fn admit(request: &Parts, _: Whose) -> Result<Self, Response> {
        let whose = H::WHOSE.or(Whose::Innermost);
        let admitted = T::admit(request, whose).await;
        admitted.map(|_| Self {
            memory: Memory::of(request),
            names: PhantomData,
        })
    }
}

impl<T: Admit, R: Routes> Admit for Of<T, R> {
    async fn admit(request: &Parts, _: Whose) -> Result<Self, Response> {
        let admitted = T::admit(request, Whose::of::<R>()).await;
        admitted.map(|it| Self(it, PhantomData))
    }
}

/// Whoever is signed in.
impl Admit for Session {
    async fn admit(request: &Parts, whose: Whose) -> Result<Self, Response> {
        admit(request, whose, &Policy::SignedIn).await
    }
}

/// Whoever it is, signed in or not.
impl Admit for Visitor {
    async fn admit(request: &Parts, whose: Whose) -> Result<Self, Response> {
        visitor(request, whose).await.map(Self)
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

/// What to answer where a policy of the app's own lets nobody in: no scope is known to help.
pub(crate) fn refuse(request: &Parts, whose: Whose, error: GuardError) -> Response {
    match RequestContext::of(&request.extensions, whose) {
        Ok(context) => context.refuse(request, &Policy::SignedIn, error),
        Err(refusal) => refusal,
    }
}

/// What refuses a request and tells of it.
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
async fn visitor(request: &Parts, whose: Whose) -> Result<Option<Session>, Response> {
    let context = RequestContext::of(&request.extensions, whose)?;
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

/// The data of a request's session, or what to answer where there is none.
impl Admit for SessionData {
    async fn admit(request: &Parts, whose: Whose) -> Result<Self, Response> {
        let session = admit(request, whose, &Policy::SignedIn).await?;
        let context = RequestContext::of(&request.extensions, whose)?;
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
        let future = admit(&request, Whose::Unsaid, &Policy::SignedIn);
        assert!(
            size_of_val(&future) <= 512,
            "{} bytes",
            size_of_val(&future)
        );
    }
}
