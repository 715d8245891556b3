//! The witness that a policy let somebody pass.

use core::any::type_name;
use core::fmt;
use core::marker::PhantomData;

use http::request::Parts;

use super::admit::{self, Admit};
use crate::error::GuardError;
use crate::log;
use crate::policy::{NamedPolicy, Outcome};
use crate::response::Response;
use crate::routes::Whose;
use crate::session::Session;
use crate::spec::Event;

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

impl<P: NamedPolicy> Admit for Authorized<P> {
    const WHOSE: Whose = P::WHOSE;

    /// Opens the session and asks the policy.
    async fn admit(request: &Parts, whose: Whose) -> Result<Self, Response> {
        // What the policy says of itself holds wherever it is named.
        let whose = P::WHOSE.or(whose);
        let session = admit::admit(request, whose, &P::CONDITION).await?;
        match P::decide(&session, request).await.0 {
            Outcome::Allow => Ok(Self {
                session,
                policy: PhantomData,
            }),
            Outcome::Deny(reason) => {
                let (policy, reason) = (type_name::<P>(), reason.as_deref());
                tracing::debug!(policy, reason, "denied");
                let auth = admit::auth(request, whose)?;
                auth.emit(&Event::Denied {
                    session: &session,
                    policy,
                    reason,
                });
                Err(admit::refuse(request, whose, GuardError::Forbidden))
            }
            Outcome::Unavailable(cause) => {
                let policy = type_name::<P>();
                log::error!(policy, %cause, "the policy cannot be asked");
                let error = GuardError::PolicyUnavailable;
                Err(admit::refuse(request, whose, error))
            }
        }
    }
}

impl<P: NamedPolicy> Authorized<P> {
    /// Returns the witness that the policy lets a request pass; where nothing takes a handler's arguments.
    ///
    /// # Errors
    ///
    /// As [`Session::authorize`]; 503 where the policy cannot decide.
    pub async fn of(request: &Parts) -> Result<Self, Response> {
        Self::admit(request, Whose::Unsaid).await
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
