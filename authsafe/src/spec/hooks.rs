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

/// Something that happened at sign-in, for audit logs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Someone was sent to the provider.
    SignInStarted {
        /// Where they asked to come back to, or where they land without asking.
        return_to: Option<&'a str>,
        /// When, and by which request.
        occasion: Occasion<'a>,
    },
    /// Someone came back signed in.
    SignedIn {
        /// The new session.
        session: &'a Session,
        /// When, and by which request.
        occasion: Occasion<'a>,
    },
    /// A session got new tokens.
    Refreshed {
        /// The session, with its new expiry.
        session: &'a Session,
        /// When, and by which request: whatever page it was for.
        occasion: Occasion<'a>,
    },
    /// Someone signed out.
    SignedOut {
        /// The session that ended.
        session: &'a Session,
        /// When, and by which request.
        occasion: Occasion<'a>,
    },
    /// The provider ended sessions: all of a user, or those of one session of its own.
    BackchannelLogout {
        /// `sub` of the logout token.
        user_id: Option<&'a str>,
        /// Its `sid`; where there is one, only the sessions that came of it have ended.
        provider_session: Option<&'a str>,
        /// When, and by which request of the provider.
        occasion: Occasion<'a>,
    },
    /// The app ended sessions, with [`Auth::revoke_user`](crate::Auth::revoke_user) or
    /// [`Auth::revoke_session`](crate::Auth::revoke_session).
    Revoked {
        /// Whose sessions have ended, all that began until now.
        user_id: Option<&'a str>,
        /// The one session that has ended.
        session: Option<SessionId>,
        /// Whether the machines that share a state know. Where it did not answer, the sessions have ended in
        /// this process alone.
        is_told: bool,
        /// When. There is no request.
        occasion: Occasion<'a>,
    },
    /// A callback of no sign-in that was under way, reloaded or late, was led on. Nothing in it was believed.
    CallbackLedOn {
        /// Who is signed in, and was sent to where they would have landed; `None`: to one new sign-in.
        session: Option<&'a Session>,
        /// When, and by which request.
        occasion: Occasion<'a>,
    },
    /// Never sent: a refusal is one event, [`Refused`](Self::Refused), with the policy and its reason.
    #[deprecated(note = "write `Event::Refused { policy, reason, .. }`, which has the request too")]
    Denied {
        /// Who was denied.
        session: &'a Session,
        /// The policy's type, with its path.
        policy: &'static str,
        /// What the policy says why. No browser is told.
        reason: Option<&'a str>,
    },
    /// An endpoint or a guard refused.
    Refused {
        /// Why.
        error: &'a Error,
        /// The method of the request.
        method: &'a Method,
        /// The path as the browser asked for it, 200 characters at the most, without its query.
        path: &'a str,
        /// The address of the client, where whoever serves the app tells it, weighed by
        /// `trusted_proxies(...)`.
        client: Option<IpAddr>,
        /// Who is signed in, where a guard refused.
        user_id: Option<&'a str>,
        /// Their session, where a guard refused.
        session: Option<SessionId>,
        /// What a guard asked for, as attributes write it; of a policy of the app's own its type, with its path.
        policy: Option<&'a str>,
        /// Why a policy of the app's own let them not pass. No browser is told.
        reason: Option<&'a str>,
        /// When, in seconds since 1970.
        at: u64,
    },
}

/// When an event was, and the request that it came of.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Occasion<'a> {
    /// When, in seconds since 1970.
    pub at: u64,
    /// The method of the request, where there is one.
    pub method: Option<&'a Method>,
    /// Its path as the browser asked for it, 200 characters at the most, without its query.
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
    /// Returns when it was, and by which request, whatever event it is.
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

/// What `on_event` names: `fn(&Event<'_>)`.
#[diagnostic::on_unimplemented(
    message = "this path cannot be `on_event`",
    label = "expected `fn(&authsafe::hooks::Event<'_>)`"
)]
pub trait EventHook: Send + Sync {
    /// Called after the event, before the response is sent. It must not block.
    fn on_event(&self, event: &Event<'_>);
}

#[diagnostic::do_not_recommend]
impl<F> EventHook for F
where
    F: Fn(&Event<'_>) + Send + Sync,
{
    fn on_event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// A session that is about to begin: what [`Auth::on_sign_in`](crate::Auth::on_sign_in) may add to,
/// or refuse.
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

    /// The session as the provider gives it, with all of its tokens, also those that `session(keep(...))` leaves
    /// out.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The session that the browser has until now, and that this one replaces. It may be another user's.
    ///
    /// Where it is the same user's, who signs in once more for a page that asks for a recent sign-in, say, the
    /// app's data in it is the new session's too.
    #[must_use]
    pub fn replaced(&self) -> Option<&Session> {
        self.replaced.as_ref()
    }

    /// Gives the user a role of the app's own. It stays when the provider's roles change.
    pub fn add_role(&mut self, role: impl Into<String>) {
        self.added_roles.push(role.into());
    }

    /// Keeps a value under a name, within the seal: [`Session::get`] reads it. It is in every
    /// request from then on, so keep it small.
    ///
    /// # Errors
    ///
    /// When the value does not serialize to JSON.
    pub fn set(&mut self, name: &str, value: &impl Serialize) -> Result<(), DataError> {
        self.data.apply(DataChange::set(name, value)?);
        Ok(())
    }

    /// Removes the value under a name, such as one that the session before had.
    pub fn remove(&mut self, name: &str) {
        self.data.apply(DataChange::Remove(name.to_owned()));
    }
}

/// The app refuses a sign-in, though the provider let the user pass.
///
/// `Err(SignInRefused)` says no more than that; [`because`](Self::because) says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInRefused {
    pub(crate) because: Option<&'static str>,
}

/// A refusal that says nothing of its cause.
#[expect(
    non_upper_case_globals,
    reason = "the value is written as the type is, as if it were a unit struct"
)]
pub const SignInRefused: SignInRefused = SignInRefused { because: None };

impl SignInRefused {
    /// Refuses with a sentence for the person: the built-in page shows it, as text; it is `because` in the JSON
    /// answer, and [`Error::because`](crate::Error::because) for `on_error`.
    #[must_use]
    pub const fn because(text: &'static str) -> Self {
        Self {
            because: Some(text),
        }
    }
}

/// What `on_sign_in` takes: a function or closure from [`NewSession`] to a future of a result.
///
/// An async function is one. A closure that needs something of the app's, a database pool say, is moved, and
/// clones it for each sign-in:
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
    /// Called once a sign-in, after every check and before the session begins.
    fn on_sign_in(&self, new: NewSession) -> SignInDecision<'_>;
}

/// What a [`SignInHook`] decides.
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

/// What `on_error` names: `fn(&Error, &http::request::Parts) -> Option<authsafe::Response>`.
#[diagnostic::on_unimplemented(
    message = "this path cannot be `on_error`",
    label = "expected `fn(&authsafe::Error, &http::request::Parts) -> Option<authsafe::Response>`"
)]
pub trait ErrorHook: Send + Sync {
    /// Returns an answer in place of the page that a person would see, or of the JSON that a script would get;
    /// `None` keeps that.
    fn on_error(&self, error: &Error, request: &Parts) -> Option<Response>;
}

#[diagnostic::do_not_recommend]
impl<F> ErrorHook for F
where
    F: Fn(&Error, &Parts) -> Option<Response> + Send + Sync,
{
    fn on_error(&self, error: &Error, request: &Parts) -> Option<Response> {
        self(error, request)
    }
}
