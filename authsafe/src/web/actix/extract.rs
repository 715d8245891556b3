//! What handlers ask for.

use core::pin::Pin;
use core::task::{Context, Poll};
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::error::ErrorBadRequest;
use actix_web::{Error, FromRequest, HttpRequest};
use http::request::Parts;

use super::exchange::{Asked, Converted, at_once};
use super::refusal::Refusal;
use crate::auth::Auth;
use crate::guard::{self, Admit, AsksPolicy, Authorized, Decided, Guard, Of, SessionData, Visitor};
use crate::policy::{NamedPolicy, Require};
use crate::response::Response;
use crate::session::Session;
use crate::spec::Answers;
use crate::types::{Routes, SaysWhose};

/// The extraction of an argument: it is there at once, or somebody has to be asked.
pub enum Extraction<T> {
    AtOnce(Option<T>),
    Asks(Pin<Box<dyn Future<Output = Result<T, Error>>>>),
}

/// It holds nothing that is pinned in place.
impl<T> Unpin for Extraction<T> {}

impl<T> Future for Extraction<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            // Nobody polls a future that has answered.
            Self::AtOnce(argument) => argument
                .take()
                .map_or(Poll::Pending, |it| Poll::Ready(Ok(it))),
            Self::Asks(future) => future.as_mut().poll(cx),
        }
    }
}

/// An argument of a handler, on actix-web.
macro_rules! argument {
    ($(#[$doc:meta])* [$($of:tt)*] $argument:ty) => {
        $(#[$doc])*
        impl<$($of)*> FromRequest for $argument {
            type Error = Error;
            type Future = Extraction<Self>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                extract(request)
            }
        }
    };
}

argument!(
    /// The handle of the middleware around the handler.
    [] Auth
);
argument!(
    /// Whoever is signed in.
    [] Session
);
argument!(
    /// Whoever it is, signed in or not.
    [] Visitor
);
argument!([] SessionData);
argument!([T: Admit, R: Routes] Of<T, R>);
argument!([P: Require + 'static, A: Answers + 'static, R: SaysWhose, H: SaysWhose] Guard<P, A, R, H>);

/// An argument that asks a policy of the app's own, with the extractors that it takes.
macro_rules! by_policy {
    ([$($of:tt)*] $argument:ty) => {
        impl<P: NamedPolicy, $($of)*> FromRequest for $argument
        where
            P::Arguments: FromRequest,
        {
            type Error = Error;
            type Future = Extraction<Self>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                extract_by_policy(request)
            }
        }
    };
}

by_policy!([] Authorized<P>);
by_policy!([H: SaysWhose + 'static, R: SaysWhose + 'static] Decided<Authorized<P>, H, R>);

fn extract<T: Admit>(request: &HttpRequest) -> Extraction<T> {
    if let Some(argument) = at_once(request) {
        return Extraction::AtOnce(Some(argument));
    }
    let request: Option<Rc<Converted>> = Converted::of(request);
    Extraction::Asks(Box::pin(async move {
        let request = request.ok_or_else(|| ErrorBadRequest(""))?;
        let decision = guard::argument::<T>(&request.parts);
        let decided = request.decide(ask::<T>, decision).await;
        decided.map_err(refused)
    }))
}

fn ask<'a, T: Admit>(request: &'a Parts, _: &'a HttpRequest) -> Asked<'a> {
    let decided = guard::argument::<T>(request);
    Box::pin(async { decided.await.map(drop).map_err(refused) })
}

fn extract_by_policy<T: AsksPolicy + 'static>(request: &HttpRequest) -> Extraction<T>
where
    Arguments<T>: FromRequest,
{
    let (converted, request) = (Converted::of(request), request.clone());
    Extraction::Asks(Box::pin(async move {
        let converted = converted.ok_or_else(|| ErrorBadRequest(""))?;
        let decision = decide_by_policy::<T>(&converted.parts, &request);
        converted.decide(ask_policy::<T>, decision).await
    }))
}

/// What the policy of an argument takes.
type Arguments<T> = <<T as AsksPolicy>::Policy as NamedPolicy>::Arguments;

async fn decide_by_policy<T: AsksPolicy>(parts: &Parts, request: &HttpRequest) -> Result<T, Error>
where
    Arguments<T>: FromRequest,
{
    let session = guard::holder::<T>(parts).await.map_err(refused)?;
    // The body is the handler's.
    let mut nothing = Payload::None;
    let arguments = Arguments::<T>::from_request(request, &mut nothing).await;
    let arguments = arguments.map_err(Into::into)?;
    let decided = guard::decide(session, parts, arguments).await;
    decided.map_err(refused)
}

fn ask_policy<'a, T: AsksPolicy + 'static>(parts: &'a Parts, request: &'a HttpRequest) -> Asked<'a>
where
    Arguments<T>: FromRequest,
{
    let decided = decide_by_policy::<T>(parts, request);
    Box::pin(async { decided.await.map(drop) })
}

fn refused(response: Response) -> Error {
    Refusal(response).into()
}
