//! What handlers ask for.

use core::pin::Pin;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::error::ErrorBadRequest;
use actix_web::{Error, FromRequest, HttpRequest};

use super::exchange::Converted;
use super::refusal::Refusal;
use crate::Response;
use crate::exchange::SessionData;
use crate::guard::{self, Guard, Visitor};
use crate::policy::{Policy, Require};
use crate::session::Session;

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// Whoever is signed in.
impl FromRequest for Session {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request, Some(Policy::SignedIn), async |request| {
            guard::admit(&request.parts, &Policy::SignedIn).await
        })
    }
}

/// Whoever it is, signed in or not.
impl FromRequest for Visitor {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request, None, async |request| {
            guard::visitor(&request.parts).await.map(Self)
        })
    }
}

impl FromRequest for SessionData {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request, Some(Policy::SignedIn), async |request| {
            Self::admit(&request.parts).await
        })
    }
}

impl<P: Require + 'static> FromRequest for Guard<P> {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request, Some(P::POLICY), async |request| {
            Self::admit(&request.parts).await
        })
    }
}

fn extract<T: 'static>(
    request: &HttpRequest,
    asked: Option<Policy>,
    decide: impl AsyncFnOnce(Rc<Converted>) -> Result<T, Response> + 'static,
) -> Extraction<T> {
    let request = Converted::of(request);
    Box::pin(async move {
        let request = request.ok_or_else(|| ErrorBadRequest(""))?;
        let decision = decide(Rc::clone(&request));
        let decided = request.decide(asked, decision).await;
        decided.map_err(|response| Refusal(response).into())
    })
}
