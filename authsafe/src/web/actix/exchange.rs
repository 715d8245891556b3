//! What the middleware gives each request, and what extractors find of it.

use core::cell::{Cell, OnceCell, RefCell};
use core::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;
use actix_web::http::header::{self as old, AUTHORIZATION, COOKIE, UPGRADE};
use actix_web::{Error, HttpMessage as _, HttpRequest};
use http::request::Parts;

use super::convert;
use crate::auth::Auth;
use crate::flow::{App, authenticate_at_once};
use crate::guard::{self, Admit, AtOnce, RequestContext, RequestSession};
use crate::web::peer::peer;

/// Of one request: converted when somebody asks for the session, and never before.
pub(super) struct Context {
    auth: Auth,
    /// As the browser asked for it, before other middleware changed it.
    asked_for: Uri,
    session: OnceCell<Option<RequestContext>>,
    /// That of it, from the first who asks at once.
    of_request: OnceCell<Arc<RequestSession>>,
    /// That of the middleware around ours.
    outer: Option<Rc<Context>>,
    /// A middleware of the same routes lies around ours, and writes the session.
    is_second: bool,
    /// As the last extractor that asked finds it, behind whatever middleware is within ours.
    converted: RefCell<Option<Rc<Converted>>>,
}

/// The request of an endpoint, with what the middleware knows of it. `None`: http 1 does not take it.
pub(super) fn parts(request: &HttpRequest) -> Option<Parts> {
    match request.extensions().get::<Rc<Context>>() {
        Some(context) => context.parts(request),
        None => convert::parts(request),
    }
}

/// Returns an argument of a handler that is there at once. `None`: somebody has to be asked.
pub(super) fn at_once<T: Admit>(request: &HttpRequest) -> Option<T> {
    let context = request.extensions().get::<Rc<Context>>().cloned()?;
    context.at_once(request, guard::argument_at_once)
}

/// A request in the types of http 1.
pub(super) struct Converted {
    pub(super) parts: Parts,
    /// What extractors ask that are not done.
    undecided: RefCell<Vec<Undecided>>,
    tickets: Cell<u32>,
}

/// Asks again what an extractor asks.
pub(super) type Ask = for<'a> fn(&'a Parts, &'a HttpRequest) -> Asked<'a>;

/// A decision, without what it lets a handler have.
pub(super) type Asked<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

struct Undecided {
    ask: Ask,
    /// Tells two of one kind apart.
    ticket: u32,
}

impl Context {
    /// Becomes the innermost of a request.
    pub(super) fn enter(auth: Auth, request: &ServiceRequest) -> Rc<Self> {
        let mut extensions = request.extensions_mut();
        let outer: Option<Rc<Self>> = extensions.remove();
        let around = || core::iter::successors(outer.as_deref(), |it| it.outer.as_deref());
        if around().any(|it| it.auth.routes() == auth.routes()) {
            auth.tell_of_second_layer();
        }
        let is_second = around().any(|it| it.auth.is(&auth));
        let context = Rc::new(Self {
            auth,
            asked_for: request.uri().clone(),
            outer,
            is_second,
            session: OnceCell::new(),
            of_request: OnceCell::new(),
            converted: RefCell::default(),
        });
        extensions.insert(Rc::clone(&context));
        context
    }

    pub(super) fn auth(&self) -> &Auth {
        &self.auth
    }

    /// Returns whether another middleware writes the session.
    pub(super) fn is_second(&self) -> bool {
        self.is_second
    }

    /// Returns whether an endpoint was asked for.
    pub(super) fn is_endpoint(&self) -> bool {
        self.auth.has_endpoint(self.asked_for.path())
    }

    /// Returns what has become of the session, where somebody has asked for it.
    pub(super) fn exchange(&self) -> Option<Arc<RequestSession>> {
        match self.session.get() {
            Some(context) => context.as_ref().map(RequestContext::request_session),
            None => self.of_request.get().cloned(),
        }
    }

    /// Returns the outcome of a question for which nothing has to be waited for or told of: cookies are read where they
    /// lie. `None`: it takes a request in the types of http 1 to tell.
    pub(super) fn at_once<R>(
        &self,
        request: &HttpRequest,
        ask: impl FnOnce(&AtOnce<'_>) -> Option<R>,
    ) -> Option<R> {
        let headers = request.headers();
        let is_simple = self.outer.is_none()
            && self.converted.borrow().is_none()
            && request.method().is_safe()
            && !headers.contains_key(UPGRADE);
        if !is_simple {
            return None;
        }
        let values = |name| headers.get_all(name).map(old::HeaderValue::as_bytes);
        let used = || self.auth.use_of(Some(self.asked_for.path()));
        let find = |app: &App, now| {
            authenticate_at_once(app, values(AUTHORIZATION), || values(COOKIE), used, now)
        };
        let of_request = match self.session.get() {
            Some(_) => return None,
            None => self.of_request.get_or_init(Arc::default),
        };
        ask(&AtOnce {
            auth: &self.auth,
            find: &find,
            of_request,
        })
    }

    /// The request, where an extractor has asked for its session.
    pub(super) fn converted(&self) -> Option<Rc<Converted>> {
        self.converted.borrow().clone()
    }

    /// The request as it is now. `None`: http 1 does not take it.
    pub(super) fn parts(&self, request: &HttpRequest) -> Option<Parts> {
        let mut parts = convert::parts(request)?;
        parts.extensions.insert(self.session()?);
        Some(parts)
    }

    fn session(&self) -> Option<RequestContext> {
        let open = || {
            let asked_for = convert::uri(&self.asked_for)?;
            let outer = match &self.outer {
                Some(outer) => Some(outer.session()?),
                None => None,
            };
            let context = RequestContext::new(self.auth.clone(), &asked_for, peer);
            Some(match self.of_request.get() {
                Some(of_request) => context.of_session(Arc::clone(of_request)),
                None => context.within(outer),
            })
        };
        self.session.get_or_init(open).clone()
    }

    fn convert(&self, request: &HttpRequest) -> Option<Rc<Converted>> {
        // A middleware may have changed what is judged, since somebody asked for it before.
        let same = |it: &Rc<Converted>| convert::is_same(&it.parts, request);
        if let Some(before) = self.converted().filter(same) {
            return Some(before);
        }
        let converted = Rc::new(Converted::new(self.parts(request)?));
        self.converted.replace(Some(Rc::clone(&converted)));
        Some(converted)
    }
}

impl Converted {
    /// Returns what an extractor reads of a request. `None`: http 1 does not take it.
    pub(super) fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        match request.extensions().get::<Rc<Context>>() {
            Some(context) => context.convert(request),
            // The middleware has not seen this request.
            None => convert::parts(request).map(|parts| Rc::new(Self::new(parts))),
        }
    }

    fn new(parts: Parts) -> Self {
        Self {
            parts,
            undecided: RefCell::default(),
            tickets: Cell::default(),
        }
    }

    /// Runs a decision, and knows as long as it takes what it is about.
    pub(super) async fn decide<T>(&self, ask: Ask, decision: impl Future<Output = T>) -> T {
        let ticket = self.tickets.get();
        self.tickets.set(ticket.wrapping_add(1));
        self.undecided.borrow_mut().push(Undecided { ask, ticket });
        let decided = decision.await;
        self.undecided.borrow_mut().retain(|it| it.ticket != ticket);
        decided
    }

    /// actix-web polls all extractors of a handler at once, and the first to fail answers: while
    /// a guard waits for a refresh, one behind it can. The guard is in front: it decides.
    pub(super) async fn settle(&self, request: &HttpRequest) -> Result<(), Error> {
        for undecided in self.undecided.take() {
            (undecided.ask)(&self.parts, request).await?;
        }
        Ok(())
    }
}
