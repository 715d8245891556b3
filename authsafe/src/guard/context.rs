//! What the session layer gives each request.

use core::net::IpAddr;
use std::borrow::Cow;
use std::sync::Arc;

use http::header::{AUTHORIZATION, COOKIE, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Method, Uri};

use super::at_once::AtOnce;
use super::challenge;
use super::request_session::RequestSession;
use crate::auth::{Auth, Demand};
use crate::clock::UnixSeconds;
use crate::error::{Error, GuardError};
use crate::flow::{App, FoundAtOnce, Lacking, authenticate_at_once};
use crate::lifecycle::Activity;
use crate::log;
use crate::policy::Policy;
use crate::protocol::origin::may_change;
use crate::response::Response;
use crate::session::{Names, Session};
use crate::types::{Boxed, Whose};

/// A policy of the app's own that refuses: its type, the cause for the log, and its reason for events.
pub(super) type Own<'a> = (&'a str, String, Option<&'a str>);

/// What the session layer gives each request.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    pub(super) auth: Auth,
    /// The path as the browser asked for it, before routers and middleware changed it.
    pub(super) asked_for: Option<PathAndQuery>,
    /// The address that a request came in from, as the framework tells it.
    peer: fn(&Extensions) -> Option<IpAddr>,
    pub(super) of_request: Arc<RequestSession>,
    /// What the session layer around this one gave.
    outer: Option<Arc<RequestContext>>,
}

impl RequestContext {
    pub(crate) fn new(auth: Auth, request: &Uri, peer: fn(&Extensions) -> Option<IpAddr>) -> Self {
        Self {
            auth,
            asked_for: request.path_and_query().cloned(),
            peer,
            of_request: Arc::default(),
            outer: None,
        }
    }

    /// This one, of a request whose session has been asked for before.
    #[cfg(feature = "actix")]
    pub(crate) fn of_session(mut self, of_request: Arc<RequestSession>) -> Self {
        self.of_request = of_request;
        self
    }

    /// This one, within that of a layer further out, which has seen the path before it.
    pub(crate) fn within(mut self, outer: Option<Self>) -> Self {
        if let Some(outer) = &outer {
            self.asked_for.clone_from(&outer.asked_for);
            if let Some(first) = outer.outwards().find(|it| it.auth.is(&self.auth)) {
                self.of_request = first.request_session();
            }
        }
        self.outer = outer.map(Arc::new);
        self
    }

    /// Returns the request with the path that the browser asked for, where it has another one by now.
    pub(super) fn as_asked(&self, request: &Parts) -> Option<Box<Parts>> {
        with_path(request, self.asked_for.as_ref()?.path())
    }

    /// Becomes the innermost of a request. Returns what becomes of the session, to be written by this layer;
    /// `None`: the same layer lies further out, and writes it.
    pub(crate) fn enter(self, extensions: &mut Extensions) -> Option<Arc<RequestSession>> {
        let outer = extensions.remove::<Self>();
        let around = || outer.iter().flat_map(|outer| outer.outwards());
        if around().any(|it| it.auth.routes() == self.auth.routes()) {
            self.auth.tell_of_second_layer();
        }
        let is_second = around().any(|it| it.auth.is(&self.auth));
        let context = self.within(outer);
        let of_request = context.request_session();
        extensions.insert(context);
        (!is_second).then_some(of_request)
    }

    pub(crate) fn request_session(&self) -> Arc<RequestSession> {
        Arc::clone(&self.of_request)
    }

    /// The context of a request, or the refusal of one that the layer has not seen.
    #[inline]
    pub(super) fn of(extensions: &Extensions, whose: Whose) -> Result<&Self, Response> {
        let missing = || Error::from(GuardError::LayerMissing).response();
        let Some(innermost) = extensions.get::<Self>() else {
            log::error!(
                "no session layer around this handler: add `.layer(auth.layer())` to the router, \
                 or `.wrap(auth.middleware())` to an actix-web app"
            );
            return Err(missing());
        };
        let named = innermost.of_request.named(whose);
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

    /// Returns when a session was opened that a request has come with, by the clock of its sign-in.
    pub(super) fn opened_at(extensions: &Extensions, session: &Session) -> Option<UnixSeconds> {
        let mut around = extensions.get::<Self>()?.outwards();
        around.find_map(|it| it.of_request.opened_at(session))
    }

    /// It, and those around it.
    fn outwards(&self) -> impl Iterator<Item = &Self> {
        core::iter::successors(Some(self), |it| it.outer.as_deref())
    }

    /// Opens the session, once a request, and keeps it fresh. Another origin's page has no session to
    /// change anything with.
    pub(super) async fn session(
        &self,
        request: &Parts,
    ) -> (&Result<Option<Session>, GuardError>, UnixSeconds) {
        self.of_request.note_that_it_matters();
        let find = self.find_in(&request.headers);
        let found = match may_change(&request.method, &request.headers) {
            true => None,
            false => self.of_request.at_once(&self.auth, find),
        };
        match found {
            Some(found) => found,
            None => self.in_time(request).await,
        }
    }

    /// Returns the outcome of a question about a request that changes nothing, and of which nobody has to be asked.
    /// `None`: it takes more to tell.
    pub(crate) fn at_once<T>(
        &self,
        method: &Method,
        headers: &HeaderMap,
        ask: impl FnOnce(&AtOnce<'_>) -> Option<T>,
    ) -> Option<T> {
        if may_change(method, headers) {
            return None;
        }
        ask(&AtOnce {
            auth: &self.auth,
            find: &self.find_in(headers),
            of_request: &self.of_request,
        })
    }

    /// Returns what opens a session of these headers where nobody has to be asked about it.
    fn find_in<'r>(
        &'r self,
        headers: &'r HeaderMap,
    ) -> impl Fn(&App, UnixSeconds) -> Option<FoundAtOnce> + 'r {
        |app, now| {
            let authorization = headers.get_all(AUTHORIZATION).iter();
            let authorization = authorization.map(HeaderValue::as_bytes);
            let cookies = || headers.get_all(COOKIE).iter();
            authenticate_at_once(app, authorization, cookies, || self.used(), now)
        }
    }

    /// Its future is in that of each guarded handler, which frameworks move about: it is to be small.
    fn in_time<'s: 'r, 'r>(
        &'s self,
        request: &'r Parts,
    ) -> Boxed<'r, (&'s Result<Option<Session>, GuardError>, UnixSeconds)> {
        Box::pin(async move {
            let auth = &self.auth;
            if auth.is_foreign(request) {
                return (self.of_foreign(&request.headers).await, 0);
            }
            let (used, peer) = (self.used(), self.peer);
            self.of_request.session(auth, request, used, peer).await
        })
    }

    fn used(&self) -> Activity {
        let path = self.asked_for.as_ref().map(PathAndQuery::path);
        self.auth.use_of(path)
    }

    /// Returns what is said to another origin's page: that it is one, where there is a session that it
    /// would have. Its tokens stay as they are, and it is no use of the app.
    async fn of_foreign(
        &self,
        headers: &HeaderMap,
    ) -> &'static Result<Option<Session>, GuardError> {
        static NOBODY: Result<Option<Session>, GuardError> = Ok(None);
        static SOMEBODY: Result<Option<Session>, GuardError> = Err(GuardError::ForeignOrigin);
        static UNKNOWN: Result<Option<Session>, GuardError> = Err(GuardError::StateUnavailable);
        match self.auth.authenticate(headers).await {
            Ok(None) => &NOBODY,
            Ok(Some(_)) => &SOMEBODY,
            Err(_) => &UNKNOWN,
        }
    }

    pub(super) fn refuse(&self, request: &Parts, policy: &Policy, error: GuardError) -> Response {
        if error == GuardError::Forbidden {
            self.tell_of_unrequested(policy);
        }
        let as_asked = self.as_asked(request);
        let request = as_asked.as_deref().unwrap_or(request);
        let demand = self.demand(request, policy);
        challenge::refuse(&self.auth, request, (policy, &demand), error)
    }

    /// Says what to write where the policy asks for what no session can have.
    fn tell_of_unrequested(&self, policy: &Policy) {
        let session = self.of_request.opened();
        let session = session.filter(|_| !self.of_request.is_by_token());
        if let (Some(app), Some(session)) = (self.auth.app(), session) {
            policy.each_name(&mut |name| match *name {
                Policy::Scope(scope) => app.tell_of_unrequested(Lacking::Scope(scope)),
                Policy::Role(_) if session.roles().next().is_none() => {
                    app.tell_of_unrequested(Lacking::Roles);
                }
                Policy::Permission(_) if session.permissions().next().is_none() => {
                    app.tell_of_unrequested(Lacking::Permissions);
                }
                _ => {}
            });
        }
    }

    /// The same by a policy of the app's own, for a cause that the log tells.
    pub(super) fn refuse_because(
        &self,
        request: &Parts,
        error: GuardError,
        (name, cause, reason): Own<'_>,
    ) -> Response {
        let as_asked = self.as_asked(request);
        let request = as_asked.as_deref().unwrap_or(request);
        let policy = &Policy::SignedIn;
        let demand = Demand {
            asked: Some(name.to_owned()),
            cause: Some(cause.into()),
            reason,
            ..self.demand(request, policy)
        };
        challenge::refuse(&self.auth, request, (policy, &demand), error)
    }

    /// What a guard asked for, and what the session has of it, for the log.
    pub(super) fn demand(&self, request: &Parts, policy: &Policy) -> Demand<'_> {
        let session = self.of_request.opened();
        Demand {
            asked: Some(policy.to_string()),
            has: session.map(rights),
            user: session.map(|it| it.user().id()),
            session: session.map(Session::id),
            cause: self.of_request.cause().map(Cow::Borrowed),
            reason: None,
            peer: (self.peer)(&request.extensions),
        }
    }
}

/// Returns a request with the path that the browser asked for, where it has another one by now and a session
/// layer has seen it before.
pub(crate) fn as_asked(request: &Parts) -> Option<Box<Parts>> {
    request
        .extensions
        .get::<RequestContext>()?
        .as_asked(request)
}

/// Returns a request with this path and its own query. `None`: it has that path.
pub(crate) fn with_path(request: &Parts, path: &str) -> Option<Box<Parts>> {
    let path = match request.uri.query() {
        _ if path == request.uri.path() => return None,
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut uri = request.uri.clone().into_parts();
    uri.path_and_query = Some(path.parse().ok()?);
    let mut request = Box::new(request.clone());
    request.uri = Uri::from_parts(uri).ok()?;
    Some(request)
}

/// What a session has that a policy may ask for.
fn rights(session: &Session) -> String {
    let names = |what: &str, names: Names<'_>| {
        let names: Vec<_> = names.collect();
        format!("{what}({})", names.join(" "))
    };
    let organization = session.user().organization_id().unwrap_or_default();
    [
        names("scopes", session.scopes()),
        names("roles", session.roles()),
        names("permissions", session.permissions()),
        format!("org({organization})"),
    ]
    .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::SpecParts;

    #[test]
    fn a_second_layer_of_one_sign_in_has_the_session_of_the_first_which_writes_it() {
        let one = Auth::unconfigured(&SpecParts::DEFAULT);
        let other = Auth::unconfigured(&SpecParts::DEFAULT);
        let mut extensions = Extensions::new();
        let mut enter = |auth: &Auth, path: &'static str| {
            let uri = Uri::from_static(path);
            let context = RequestContext::new(auth.clone(), &uri, |_| None);
            let written = context.enter(&mut extensions);
            let innermost = extensions.get::<RequestContext>().unwrap().clone();
            assert!(innermost.auth.is(auth));
            assert_eq!(innermost.asked_for.unwrap(), "/app/page");
            (written, innermost.of_request)
        };
        let (written, first) = enter(&one, "/app/page");
        assert!(Arc::ptr_eq(&written.unwrap(), &first));
        let (written, of_other) = enter(&other, "/page");
        assert!(Arc::ptr_eq(&written.unwrap(), &of_other) && !Arc::ptr_eq(&of_other, &first));
        let (written, again) = enter(&one, "/page");
        assert!(written.is_none() && Arc::ptr_eq(&again, &first));
    }
}
