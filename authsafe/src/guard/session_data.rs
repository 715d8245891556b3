//! The app's own data in a session, to be changed by a handler.

use core::fmt;
use std::sync::Arc;

use http::HeaderMap;
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::admit::{Admit, admit};
use super::context::RequestContext;
use super::request_session::RequestSession;
use crate::error::GuardError;
use crate::policy::Policy;
use crate::response::Response;
use crate::session::{DataChange, DataError, Session};
use crate::types::Whose;

/// The app's own data in the session of a request, to be changed: what is set here is in the
/// response's cookie, or in the store before the response is sent. [`get`](Self::get) reads it at once, and
/// [`Session::get`] from the next request on.
///
/// Nobody can make up data in a cookie, but a user who keeps an earlier cookie of the same session can
/// have the data of that time back. What must not come back belongs into a store: a credit that was
/// spent, a step that was taken once.
///
/// As a handler's argument it lets in whoever is signed in and nobody else.
///
/// ```
/// use authsafe::SessionData;
///
/// async fn save(data: SessionData) {
///     // A value that serializes to JSON.
///     let _ = data.set("flash", &"Saved.");
/// }
///
/// /// The page after it says so once.
/// async fn page(data: SessionData) -> String {
///     data.take::<String>("flash").unwrap_or_default()
/// }
/// ```
#[doc(alias = "flash")]
#[doc(alias = "session data")]
pub struct SessionData {
    of_request: Arc<RequestSession>,
    session: Session,
}

/// The session alone.
impl fmt::Debug for SessionData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionData")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl SessionData {
    /// Returns the data in a request's session, to be changed; where nothing takes a handler's arguments.
    ///
    /// # Errors
    ///
    /// As [`Session::of`].
    pub async fn of(request: &Parts) -> Result<Self, Response> {
        Self::admit(request, Whose::Unsaid).await
    }

    pub(crate) fn new(
        of_request: Arc<RequestSession>,
        session: Session,
        request: HeaderMap,
    ) -> Self {
        of_request.keep_headers(request);
        Self {
            of_request,
            session,
        }
    }

    /// The session whose data it is, as the request came with it.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Returns the value under a name, as this request has set it, or else as the session came with it.
    /// `None` where there is none, or where it is of another type.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let changes = self.of_request.changes();
        let last = changes.iter().rev().find(|it| it.name() == name).cloned();
        drop(changes);
        match last {
            Some(change) => change.value(),
            None => self.session.get(name),
        }
    }

    /// Returns the value under a name and removes it, such as a message that is shown once. One of another
    /// type stays, and is `None`.
    ///
    /// Two requests at the same time may both get it.
    #[must_use = "it is removed: `remove` does no more"]
    pub fn take<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let value = self.get(name)?;
        self.remove(name);
        Some(value)
    }

    /// Keeps a value under a name. It is in every request from then on, so keep it small: in cookies a session has about
    /// 11 KB with its tokens. Whether it fits shows when the answer is written: one that does not is not kept, and the
    /// log says so.
    ///
    /// # Errors
    ///
    /// When the value does not serialize to JSON.
    pub fn set(&self, name: &str, value: &impl Serialize) -> Result<(), DataError> {
        let change = DataChange::set(name, value)?;
        self.of_request.changes().push(change);
        Ok(())
    }

    /// Removes the value under a name.
    pub fn remove(&self, name: &str) {
        let change = DataChange::Remove(name.to_owned());
        self.of_request.changes().push(change);
    }
}

/// The data of a request's session, or what to answer where there is none.
impl Admit for SessionData {
    async fn admit(request: &Parts, whose: Whose) -> Result<Self, Response> {
        let session = admit(request, whose, &Policy::SignedIn).await?;
        let context = RequestContext::of(&request.extensions, whose)?;
        if context.of_request.is_by_token() {
            let error = GuardError::SessionRequired;
            return Err(context.refuse(request, &Policy::SignedIn, error));
        }
        let (of_request, headers) = (context.request_session(), request.headers.clone());
        Ok(Self::new(of_request, session, headers))
    }
}
