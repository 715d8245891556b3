//! What an app may hang on to sign-in: a witness of events, an own answer to errors.

use core::net::IpAddr;
use core::pin::Pin;
use std::sync::OnceLock;

use http::Method;
use http::request::Parts;
use serde::Serialize;

use crate::error::Error;
use crate::response::Response;
use crate::session::{Data, DataChange, DataError, Session, SessionId};

/// An event of sign-in, for audit logs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A visitor was sent to the provider.
    SignInStarted {
        /// The path that they asked to come back to, or the page that they land on.
        return_to: Option<&'a str>,
        /// The time and the request.
        occasion: Occasion<'a>,
    },
    /// A visitor came back signed in.
    SignedIn {
        /// The new session.
        session: &'a Session,
        /// The time and the request.
        occasion: Occasion<'a>,
    },
    /// A session got new tokens.
    Refreshed {
        /// The session, with its new expiry.
        session: &'a Session,
        /// The time and the request, whatever page it was for.
        occasion: Occasion<'a>,
    },
    /// A user signed out.
    SignedOut {
        /// The session that ended.
        session: &'a Session,
        /// The time and the request.
        occasion: Occasion<'a>,
    },
    /// The provider ended sessions: all of a user, or those of one session of its own.
    BackchannelLogout {
        /// The `sub` of the logout token.
        user_id: Option<&'a str>,
        /// The `sid` of the logout token. If there is one, only its sessions have ended.
        provider_session: Option<&'a str>,
        /// The time and the request of the provider.
        occasion: Occasion<'a>,
    },
    /// The app ended sessions, with [`Auth::revoke_user`](crate::Auth::revoke_user) or
    /// [`Auth::revoke_session`](crate::Auth::revoke_session).
    Revoked {
        /// The user whose sessions have ended, all that began until now.
        user_id: Option<&'a str>,
        /// The one session that has ended.
        session: Option<SessionId>,
        /// Says whether the machines that share a state know. If the state did not answer, the sessions have ended
        /// in this process alone.
        is_told: bool,
        /// The time. There is no request.
        occasion: Occasion<'a>,
    },
    /// A callback without a sign-in under way, reloaded or late, was sent on. Nothing in it was believed.
    CallbackLedOn {
        /// The session of the user, who was sent to their landing page. `None`: the visitor was sent to one new
        /// sign-in.
        session: Option<&'a Session>,
        /// The time and the request.
        occasion: Occasion<'a>,
    },
    /// An event that is never sent: a refusal is [`Refused`](Self::Refused), with the policy and its reason.
    #[deprecated(note = "write `Event::Refused { policy, reason, .. }`, which has the request too")]
    Denied {
        /// The session of the user who was denied.
        session: &'a Session,
        /// The policy's type, with its path.
        policy: &'static str,
        /// The reason that the policy gives. The browser does not get it.
        reason: Option<&'a str>,
    },
    /// An endpoint or a guard refused.
    Refused {
        /// The reason.
        error: &'a Error,
        /// The method of the request.
        method: &'a Method,
        /// The path as the browser asked for it, 200 characters at the most, without its query.
        path: &'a str,
        /// The address of the client, where whoever serves the app tells it, weighed by
        /// `trusted_proxies(...)`.
        client: Option<IpAddr>,
        /// The id of the user, if a guard refused.
        user_id: Option<&'a str>,
        /// The session of the user, if a guard refused.
        session: Option<SessionId>,
        /// The condition of the guard, as attributes write it. For a policy of the app's own: its type with its path.
        policy: Option<&'a str>,
        /// The reason that a policy of the app's own gives. The browser does not get it.
        reason: Option<&'a str>,
        /// The time, in seconds since 1970.
        at: u64,
    },
}

/// The time of an event, and its request.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Occasion<'a> {
    /// The time, in seconds since 1970.
    pub at: u64,
    /// The method of the request, if there is one.
    pub method: Option<&'a Method>,
    /// The path as the browser asked for it, 200 characters at the most, without its query.
    pub path: Option<&'a str>,
    /// The address of the client, as in [`Event::Refused`].
    pub client: Option<IpAddr>,
}

impl<'a> Occasion<'a> {
    /// That of an event by a client at this address, of whose request no more is known.
    pub(crate) fn by(client: Option<IpAddr>, at: u64) -> Self {
        Self {
            at,
            method: None,
            path: None,
            client,
        }
    }

    /// That of a request, by a client at this address.
    pub(crate) fn of(request: &'a Parts, client: Option<IpAddr>, at: u64) -> Self {
        Self {
            at,
            method: Some(&request.method),
            path: Some(path_of(request)),
            client,
        }
    }
}

/// The most characters of a path in an event and in the log.
const MAX_PATH: usize = 200;

/// Returns the path that was asked for, cut, and without its query, which may hold a code.
pub(crate) fn path_of(request: &Parts) -> &str {
    let path = request.uri.path();
    let end = path.char_indices().nth(MAX_PATH);
    end.and_then(|(end, _)| path.get(..end)).unwrap_or(path)
}

impl<'a> Event<'a> {
    /// Returns the time and the request of any event.
    #[must_use]
    pub fn occasion(&self) -> Option<Occasion<'a>> {
        match *self {
            Self::SignInStarted { occasion, .. }
            | Self::SignedIn { occasion, .. }
            | Self::Refreshed { occasion, .. }
            | Self::SignedOut { occasion, .. }
            | Self::BackchannelLogout { occasion, .. }
            | Self::Revoked { occasion, .. }
            | Self::CallbackLedOn { occasion, .. } => Some(occasion),
            Self::Refused {
                method,
                path,
                client,
                at,
                ..
            } => Some(Occasion {
                at,
                method: Some(method),
                path: Some(path),
                client,
            }),
            #[expect(deprecated, reason = "it is never sent")]
            Self::Denied { .. } => None,
        }
    }
}

/// The hooks that an app sets at its start, with a state of their own, beside those that the attribute names.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) on_event: OnceLock<Box<dyn EventHook>>,
    pub(crate) on_error: OnceLock<Box<dyn ErrorHook>>,
    pub(crate) on_sign_in: OnceLock<Box<dyn SignInHook>>,
}

/// A function for `on_event`: `fn(&Event<'_>)`.
#[diagnostic::on_unimplemented(
    message = "this path cannot be `on_event`",
    label = "expected `fn(&authsafe::hooks::Event<'_>)`"
)]
pub trait EventHook: Send + Sync {
    /// Takes an event, after it happened and before the response is sent. It must not block.
    fn on_event(&self, event: &Event<'_>);
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&Event<'_>) + Send + Sync> EventHook for F {
    fn on_event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// A session that is about to begin.
///
/// The function of [`Auth::on_sign_in`](crate::Auth::on_sign_in) can add to it or refuse it.
#[derive(Debug)]
pub struct NewSession {
    session: Session,
    replaced: Option<Session>,
    pub(crate) added_roles: Vec<String>,
    pub(crate) data: Data,
}

impl NewSession {
    pub(crate) fn new(session: Session, data: Data, replaced: Option<Session>) -> Self {
        Self {
            session,
            replaced,
            added_roles: Vec::new(),
            data,
        }
    }

    /// Returns the session as the provider gives it, with all tokens, also those that `session(keep(...))` leaves
    /// out.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Returns the session that the browser has until now and that this one replaces. It may be another user's.
    ///
    /// If it is the same user's, in the same organization, the new session starts with the app's data of this one. That
    /// happens if the user signs in again for a page that asks for a recent sign-in.
    #[must_use]
    pub fn replaced(&self) -> Option<&Session> {
        self.replaced.as_ref()
    }

    /// Gives the user a role of the app's own. It stays when the provider's roles change, until a refresh names
    /// another organization than before.
    pub fn add_role(&mut self, role: impl Into<String>) {
        self.added_roles.push(role.into());
    }

    /// Keeps a value under a name in the sealed session. [`Session::get`] reads it. It is part of every later
    /// request, so keep it small: in cookies a session has about 11 KB with its tokens. One that does not fit is answered
    /// 500 (`session_too_large`).
    ///
    /// # Errors
    ///
    /// If the value does not serialize to JSON.
    pub fn set(&mut self, name: &str, value: &impl Serialize) -> Result<(), DataError> {
        self.data.apply(DataChange::set(name, value)?);
        Ok(())
    }

    /// Removes the value under a name, such as a value of the session that this one replaces.
    pub fn remove(&mut self, name: &str) {
        self.data.apply(DataChange::Remove(name.to_owned()));
    }
}

/// A refusal of a sign-in by the app, though the provider let the user pass.
///
/// `Err(SignInRefused)` refuses without a reason. [`because`](Self::because) adds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInRefused {
    pub(crate) because: Option<&'static str>,
}

/// A refusal without a reason.
#[expect(
    non_upper_case_globals,
    reason = "the value is written as the type is, as if it were a unit struct"
)]
pub const SignInRefused: SignInRefused = SignInRefused { because: None };

impl SignInRefused {
    /// Refuses with a sentence for the user.
    ///
    /// The built-in page shows it as text. In the JSON answer it is `because`. For `on_error` it is
    /// [`Error::because`](crate::Error::because).
    #[must_use]
    pub const fn because(text: &'static str) -> Self {
        Self {
            because: Some(text),
        }
    }
}

/// A function for `on_sign_in`: it takes a [`NewSession`] and returns a future of a result.
///
/// An async function is one. A closure can own what it needs, such as a database pool. It clones the pool for each
/// sign-in:
///
/// ```
/// use authsafe::hooks::{NewSession, SignInRefused};
///
/// /// Your database, say.
/// #[derive(Clone)]
/// struct Pool;
///
/// impl Pool {
///     async fn customer(&self, user_id: &str) -> Result<Option<u64>, std::io::Error> {
///         // ...
/// #       Ok(Some(user_id.len() as u64))
///     }
/// }
///
/// # fn example(auth: authsafe::Auth, pool: Pool) -> authsafe::Auth {
/// let auth = auth.on_sign_in(move |mut new: NewSession| {
///     let pool = pool.clone();
///     async move {
///         let found = pool.customer(new.session().user().id()).await;
///         let found = found.map_err(|_| SignInRefused::because("Please try again in a minute."))?;
///         let id = found.ok_or(SignInRefused::because("Only customers may sign in here."))?;
///         new.add_role("customer");
///         new.set("customer", &id).map_err(|_| SignInRefused)?;
///         Ok(new)
///     }
/// });
/// # auth }
/// ```
#[diagnostic::on_unimplemented(
    message = "this cannot be `on_sign_in`",
    label = "expected `async fn(NewSession) -> Result<NewSession, SignInRefused>`",
    note = "a closure that holds a database pool is no `async` closure: it clones the pool, and returns an `async move` block with the clone in it"
)]
pub trait SignInHook: Send + Sync {
    /// Decides about a sign-in: once, after every check and before the session begins.
    fn on_sign_in(&self, new: NewSession) -> SignInDecision<'_>;
}

/// The decision of a [`SignInHook`].
pub type SignInDecision<'a> =
    Pin<Box<dyn Future<Output = Result<NewSession, SignInRefused>> + Send + 'a>>;

impl<F, D> SignInHook for F
where
    F: Fn(NewSession) -> D + Send + Sync,
    D: Future<Output = Result<NewSession, SignInRefused>> + Send + 'static,
{
    fn on_sign_in(&self, new: NewSession) -> SignInDecision<'_> {
        Box::pin(self(new))
    }
}

/// A function for `on_error`: `fn(&Error, &http::request::Parts) -> Option<authsafe::Response>`.
#[diagnostic::on_unimplemented(
    message = "this path cannot be `on_error`",
    label = "expected `fn(&authsafe::Error, &http::request::Parts) -> Option<authsafe::Response>`"
)]
pub trait ErrorHook: Send + Sync {
    /// Returns an answer instead of the built-in page or JSON. `None` keeps the built-in one.
    fn on_error(&self, error: &Error, request: &Parts) -> Option<Response>;
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&Error, &Parts) -> Option<Response> + Send + Sync> ErrorHook for F {
    fn on_error(&self, error: &Error, request: &Parts) -> Option<Response> {
        self(error, request)
    }
}
