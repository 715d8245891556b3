//! Arguments of handlers: who it is, of which sign-in.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

use http::request::Parts;

use super::admit::{self, Admit};
use super::at_once::AtOnce;
use crate::policy::Policy;
use crate::response::Response;
use crate::session::Session;
use crate::types::{Routes, Whose};

/// Whoever it is, signed in or not: for pages that greet whom they know.
///
/// The same on every framework. axum also takes `Option<Session>` for it; with actix-web an
/// `Option` is `None` after any error, so that a forgotten middleware, or a store that does not answer,
/// would look like a stranger: take a `Visitor` there.
///
/// Three kinds of requests are refused all the same: one that would change something and comes from another
/// origin's page, with a session (403); one with a session that cannot be looked for, since the
/// store does not answer (503); and one with a bearer token that is refused or cannot be checked (400, 401, 503).
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
#[doc(alias = "anonymous")]
#[doc(alias = "optional")]
pub struct Visitor(pub Option<Session>);

impl Visitor {
    /// Returns whoever sent a request, signed in or not; where nothing takes a handler's arguments.
    ///
    /// # Errors
    ///
    /// What to answer a request that is refused all the same, as above; 500 where the layer is missing.
    pub async fn of(request: &Parts) -> Result<Self, Response> {
        Self::admit(request, Whose::Unsaid).await
    }
}

/// A [`Session`], a [`Visitor`] or [`SessionData`](crate::SessionData) of the sign-in `R`, for apps with more than one.
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
    /// Returns what it holds.
    pub fn into_inner(self) -> T {
        self.0
    }
}

#[cfg(feature = "axum")]
impl<R> Of<Visitor, R> {
    /// Returns who it is, if it is known.
    pub(crate) fn known(self) -> Option<Of<Session, R>> {
        self.0.0.map(|session| Of(session, PhantomData))
    }
}

impl<T: Admit, R: Routes> Of<T, R> {
    /// Returns the session, the visitor or the data of one sign-in.
    ///
    /// # Errors
    ///
    /// As `T` alone; 500 also where no layer of this sign-in is around.
    pub async fn of(request: &Parts) -> Result<Self, Response> {
        Self::admit(request, Whose::Unsaid).await
    }
}

impl<R: Routes> Of<Session, R> {
    /// Returns the session of one sign-in that the policy allows, where layers of several lie around.
    ///
    /// ```
    /// use authsafe::{Of, Policy, Response, Session};
    /// use http::request::Parts;
    ///
    /// mod staff {
    ///     #[authsafe::routes(scopes("openid", "admin"), cookies(name = "staff"))]
    ///     pub mod auth {}
    /// }
    ///
    /// async fn refund(request: &Parts) -> Result<Response, Response> {
    ///     let admin = Policy::Scope(staff::auth::scopes::ADMIN);
    ///     let session = Of::<Session, staff::auth::Routes>::authorize(request, admin).await?;
    ///     let text = format!("refunded by {}", session.user().display_name());
    ///     Ok(Response::new(text.into()))
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Session::authorize`]; 500 also where no layer of this sign-in is around.
    pub async fn authorize(request: &Parts, policy: Policy) -> Result<Self, Response> {
        let admitted = admit::admit(request, Whose::of::<R>(), &policy).await;
        admitted.map(|it| Self(it, PhantomData))
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

impl<T: Admit, R: Routes> Admit for Of<T, R> {
    async fn admit(request: &Parts, _: Whose) -> Result<Self, Response> {
        let admitted = T::admit(request, Whose::of::<R>()).await;
        admitted.map(|it| Self(it, PhantomData))
    }

    fn at_once(request: &AtOnce<'_>, _: Whose) -> Option<Self> {
        T::at_once(request, Whose::of::<R>()).map(|it| Self(it, PhantomData))
    }
}

/// Whoever it is, signed in or not.
impl Admit for Visitor {
    fn at_once(request: &AtOnce<'_>, whose: Whose) -> Option<Self> {
        Session::at_once(request, whose).map(|session| Self(Some(session)))
    }

    async fn admit(request: &Parts, whose: Whose) -> Result<Self, Response> {
        admit::visitor(request, whose).await.map(Self)
    }
}
