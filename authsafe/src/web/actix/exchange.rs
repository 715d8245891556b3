//! What the middleware gives each request, and what extractors find of it.

use core::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use actix_web::http::Uri;
use actix_web::{HttpMessage as _, HttpRequest};
use http::request::Parts;

use super::convert;
use crate::Response;
use crate::auth::Auth;
use crate::exchange::Exchange;
use crate::guard::{self, RequestContext};
use crate::policy::Policy;

/// Of one request: converted once, when somebody asks for the session, and never before.
pub(super) struct Context {
    auth: Auth,
    /// As the browser asked for it, before other middleware changed it.
    asked_for: Uri,
    converted: OnceCell<Option<Rc<Converted>>>,
}

/// A request in the types of http 1.
pub(super) struct Converted {
    pub(super) parts: Parts,
    /// `None`: the middleware has not seen this request.
    pub(super) exchange: Option<Arc<Exchange>>,
    /// What extractors asked that are not done: a policy, or just who it is.
    undecided: RefCell<Vec<Option<Policy>>>,
}

impl Context {
    pub(super) fn new(auth: Auth, asked_for: Uri) -> Self {
        Self {
            auth,
            asked_for,
            converted: OnceCell::new(),
        }
    }

    pub(super) fn auth(&self) -> &Auth {
        &self.auth
    }

    /// The request, where somebody has asked for its session.
    pub(super) fn converted(&self) -> Option<&Rc<Converted>> {
        self.converted.get()?.as_ref()
    }

    fn convert(&self, request: &HttpRequest) -> Option<Rc<Converted>> {
        let convert = || {
            let mut parts = convert::parts(request)?;
            let context = RequestContext::new(self.auth.clone(), &convert::uri(&self.asked_for)?);
            let exchange = context.exchange();
            parts.extensions.insert(context);
            Some(Rc::new(Converted::new(parts, Some(exchange))))
        };
        self.converted.get_or_init(convert).clone()
    }
}

impl Converted {
    /// What an extractor reads of a request. `None`: http 1 does not take it.
    pub(super) fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        match request.extensions().get::<Rc<Context>>() {
            Some(context) => context.convert(request),
            None => convert::parts(request).map(|parts| Rc::new(Self::new(parts, None))),
        }
    }

    fn new(parts: Parts, exchange: Option<Arc<Exchange>>) -> Self {
        Self {
            parts,
            exchange,
            undecided: RefCell::default(),
        }
    }

    /// Runs a decision, and knows as long as it takes what it is about.
    pub(super) async fn decide<T>(
        &self,
        asked: Option<Policy>,
        decision: impl Future<Output = T>,
    ) -> T {
        self.undecided.borrow_mut().push(asked);
        let decided = decision.await;
        let mut undecided = self.undecided.borrow_mut();
        if let Some(at) = undecided.iter().position(|it| *it == asked) {
            undecided.remove(at);
        }
        decided
    }

    /// actix-web polls all extractors of a handler at once, and the first to fail answers: while
    /// a guard waits for a refresh, one behind it can. The guard is in front: it decides.
    pub(super) async fn settle(&self) -> Result<(), Response> {
        let undecided = self.undecided.take();
        for asked in undecided {
            match asked {
                Some(policy) => guard::admit(&self.parts, &policy).await.map(drop)?,
                None => guard::visitor(&self.parts).await.map(drop)?,
            }
        }
        Ok(())
    }
}
