//! What handlers ask for.

use core::pin::Pin;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::error::ErrorBadRequest;
use actix_web::{Error, FromRequest, HttpRequest};
use http::request::Parts;

use super::exchange::{Asked, Converted};
use super::refusal::Refusal;
use crate::auth::Auth;
use crate::guard::{self, Admit, Authorized, Decided, Guard, Of, SessionData, Visitor};
use crate::policy::{NamedPolicy, Require};
use crate::routes::{Routes, SaysWhose};
use crate::session::Session;
use crate::spec::Answers;

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

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
argument!([T: Admit, H: SaysWhose] Decided<T, H>);
argument!([P: NamedPolicy] Authorized<P>);

fn extract<T: Admit>(request: &HttpRequest) -> Extraction<T> {
    let request: Option<Rc<Converted>> = Converted::of(request);
    Box::pin(async move {
        let request = request.ok_or_else(|| ErrorBadRequest(""))?;
        let decision = guard::argument::<T>(&request.parts);
        let decided = request.decide(ask::<T>, decision).await;
        decided.map_err(|response| Refusal(response).into())
    })
}

fn ask<T: Admit>(request: &Parts) -> Asked<'_> {
    Box::pin(async { guard::argument::<T>(request).await.map(drop) })
}
