//! The witness that a policy let somebody pass.

use core::any::type_name;
use core::fmt;
use core::marker::PhantomData;

use http::request::Parts;

use super::admit::{self, Admit};
use super::context::as_asked;
use crate::error::GuardError;
use crate::policy::{NamedPolicy, Outcome};
use crate::response::Response;
use crate::session::Session;
use crate::types::Whose;

/// Proof that the policy `P` let the sender of a request pass.
///
/// As a handler's argument it lets in whom the policy allows and nobody else. It is made in no other
/// way, so a function that asks for one cannot be called without the policy having been asked:
///
/// ```
/// use authsafe::Authorized;
///
/// #[authsafe::routes(scopes("openid", "admin"))]
/// pub mod auth {}
///
/// #[authsafe::policy(all(scope("admin"), recent("5m")))]
/// pub struct Admin;
///
/// async fn delete_everything(admin: Authorized<Admin>) -> String {
///     let deleted = delete_all_rows(&admin);
///     format!("{} deleted {deleted} rows", admin.session().user().display_name())
/// }
///
/// fn delete_all_rows(_: &Authorized<Admin>) -> usize {
///     // ...
/// #   0
/// }
/// # fn main() { drop(axum::Router::<()>::new().route("/all", axum::routing::delete(delete_everything))); }
/// ```
///
/// It is of one request, and cannot be copied.
#[must_use = "it is there to be asked for"]
pub struct Authorized<P: NamedPolicy> {
    session: Session,
    policy: PhantomData<fn() -> P>,
}

impl<P: NamedPolicy<Arguments = ()>> Admit for Authorized<P> {
    const WHOSE: Whose = P::WHOSE;

    /// Opens the session and asks the policy.
    async fn admit(request: &Parts, whose: Whose) -> Result<Self, Response> {
        let session = Self::holder(request, whose).await?;
        Self::decide(session, request, whose, ()).await
    }
}

/// Returns whether routers have cut off the beginning of the path that was asked for, and no more. One that was
/// rewritten is the handler's, and so the policy's.
fn is_cut(as_asked: &Parts, request: &Parts) -> bool {
    let path = request.uri.path();
    path == "/" || as_asked.uri.path().ends_with(path)
}

impl<P: NamedPolicy> Authorized<P> {
    /// Returns whoever is signed in, where the condition holds.
    pub(super) async fn holder(request: &Parts, whose: Whose) -> Result<Session, Response> {
        // What the policy says of itself holds wherever it is named.
        admit::admit(request, P::WHOSE.or(whose), &P::CONDITION).await
    }

    /// Asks the policy about them.
    pub(super) async fn decide(
        session: Session,
        request: &Parts,
        whose: Whose,
        arguments: P::Arguments,
    ) -> Result<Self, Response> {
        let whose = P::WHOSE.or(whose);
        let as_asked = as_asked(request);
        let as_asked = as_asked.as_deref().filter(|it| is_cut(it, request));
        let request = as_asked.unwrap_or(request);
        match P::decide(&session, request, arguments).await.0 {
            Outcome::Allow => Ok(Self {
                session,
                policy: PhantomData,
            }),
            Outcome::Deny(reason) => {
                let (policy, reason) = (type_name::<P>(), reason.as_deref());
                let because = reason.map(|it| format!(": {it}")).unwrap_or_default();
                let own = (policy, format!("denied by the policy{because}"), reason);
                Err(admit::refuse(request, whose, GuardError::Forbidden, own))
            }
            Outcome::SignInAgain(max_age) => Err(admit::sign_in_again(request, whose, max_age)),
            Outcome::Unavailable(cause) => {
                let policy = type_name::<P>();
                let cause = format!("the policy cannot be asked: {cause}");
                let error = GuardError::PolicyUnavailable;
                Err(admit::refuse(request, whose, error, (policy, cause, None)))
            }
        }
    }
}

impl<P: NamedPolicy> Authorized<P> {
    /// Returns the witness that the policy lets a request pass; where nothing takes a handler's arguments.
    /// Where the policy takes some, [`with`](Self::with) gives them. The session is that of [`Session::of`]: as it was
    /// when the request came in.
    ///
    /// # Errors
    ///
    /// As [`Session::authorize`]; 503 where the policy cannot decide.
    pub async fn of(request: &Parts) -> Result<Self, Response>
    where
        P: NamedPolicy<Arguments = ()>,
    {
        Self::with(request, ()).await
    }

    /// Returns what [`of`](Self::of) does, for a policy that takes more than the session and the request: with
    /// that, as a tuple.
    ///
    /// ```
    /// use authsafe::{Authorized, Response, Session};
    /// use http::request::Parts;
    ///
    /// /// Your database, say.
    /// #[derive(Clone)]
    /// struct Documents;
    ///
    /// #[authsafe::policy]
    /// async fn owns(session: &Session, documents: Documents, id: u64) -> bool {
    ///     // ...
    /// #   let _ = (documents, id); session.has_role("owner")
    /// }
    ///
    /// async fn edit(request: &Parts, documents: &Documents) -> Result<Response, Response> {
    ///     let id = 7; // of the path
    ///     let owner = Authorized::<owns>::with(request, (documents.clone(), id)).await?;
    ///     Ok(Response::new(owner.session().user().id().to_owned().into()))
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub async fn with(request: &Parts, arguments: P::Arguments) -> Result<Self, Response> {
        let session = Self::holder(request, Whose::Unsaid).await?;
        Self::decide(session, request, Whose::Unsaid, arguments).await
    }

    /// Returns who passed.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }
}

impl<P: NamedPolicy> fmt::Debug for Authorized<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized")
            .field("policy", &type_name::<P>())
            .field("session", &self.session)
            .finish()
    }
}
