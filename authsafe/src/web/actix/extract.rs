//! What handlers ask for.

use core::pin::Pin;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::error::ErrorBadRequest;
use actix_web::{Error, FromRequest, HttpRequest};
use http::request::Parts;

use super::exchange::{Asked, Converted};
use super::refusal::Refusal;
use crate::Response;
use crate::authorized::Authorized;
use crate::decision::NamedPolicy;
use crate::exchange::SessionData;
use crate::guard::{self, Guard, Visitor};
use crate::policy::{Policy, Require};
use crate::session::Session;
use crate::unauthenticated::Answers;

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// What is decided of a request, and what a handler has of it.
trait Admit: Sized + 'static {
    fn admitted(request: &Parts) -> impl Future<Output = Result<Self, Response>>;
}

impl Admit for Session {
    async fn admitted(request: &Parts) -> Result<Self, Response> {
        guard::admit(request, &Policy::SignedIn).await
    }
}

impl Admit for Visitor {
    async fn admitted(request: &Parts) -> Result<Self, Response> {
        guard::visitor(request).await.map(Self)
    }
}

impl Admit for SessionData {
    async fn admitted(request: &Parts) -> Result<Self, Response> {
        Self::admit(request).await
    }
}

impl<P: Require + 'static, A: Answers + 'static> Admit for Guard<P, A> {
    async fn admitted(request: &Parts) -> Result<Self, Response> {
        Self::admit(request).await
    }
}

impl<P: NamedPolicy> Admit for Authorized<P> {
    async fn admitted(request: &Parts) -> Result<Self, Response> {
        Self::admit(request).await
    }
}

/// Whoever is signed in.
impl FromRequest for Session {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request)
    }
}

/// Whoever it is, signed in or not.
impl FromRequest for Visitor {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request)
    }
}

impl FromRequest for SessionData {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request)
    }
}

impl<P: Require + 'static, A: Answers + 'static> FromRequest for Guard<P, A> {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request)
    }
}

impl<P: NamedPolicy> FromRequest for Authorized<P> {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        extract(request)
    }
}

fn extract<T: Admit>(request: &HttpRequest) -> Extraction<T> {
    let request: Option<Rc<Converted>> = Converted::of(request);
    Box::pin(async move {
        let request = request.ok_or_else(|| ErrorBadRequest(""))?;
        let decided = request.decide(ask::<T>, T::admitted(&request.parts)).await;
        decided.map_err(|response| Refusal(response).into())
    })
}

fn ask<T: Admit>(request: &Parts) -> Asked<'_> {
    Box::pin(async { T::admitted(request).await.map(drop) })
}
