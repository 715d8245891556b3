//! The session middleware.

use core::future::{Ready, ready};
use core::pin::Pin;
use std::rc::Rc;

use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpMessage as _};
use http::HeaderMap;

use super::convert;
use super::exchange::Context;
use super::refusal::{Refusal, WithCookies};
use crate::auth::Auth;

/// See [`Auth::middleware`].
#[derive(Debug, Clone)]
pub struct SessionMiddleware(Auth);

impl SessionMiddleware {
    pub(super) fn new(auth: Auth) -> Self {
        Self(auth)
    }
}

impl<S, B> Transform<S, ServiceRequest> for SessionMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = SessionMiddlewareService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let auth = self.0.clone();
        ready(Ok(SessionMiddlewareService { auth, inner }))
    }
}

/// A service with sessions. Made by [`Auth::middleware`].
#[derive(Debug)]
pub struct SessionMiddlewareService<S> {
    auth: Auth,
    inner: S,
}

impl<S, B> Service<ServiceRequest> for SessionMiddlewareService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let context = Rc::new(Context::new(self.auth.clone(), request.uri().clone()));
        request.extensions_mut().insert(Rc::clone(&context));
        let answer = self.inner.call(request);
        Box::pin(async move { finish(&context, answer.await).await })
    }
}

/// Adds the cookies, where anybody asked for the session.
async fn finish<B>(
    context: &Context,
    answer: Result<ServiceResponse<B>, Error>,
) -> Result<ServiceResponse<B>, Error> {
    let Some(request) = context.converted() else {
        return answer;
    };
    let answer = match answer {
        Ok(answer) if answer.response().error().is_some() => match request.settle().await {
            Ok(()) => Ok(answer),
            Err(refusal) => Err(Refusal(refusal).into()),
        },
        answer => answer,
    };
    let write = |headers: &mut HeaderMap| {
        if let Some(exchange) = &request.exchange {
            exchange.write(context.auth(), headers);
        }
    };
    match answer {
        Ok(mut answer) => {
            let changes = convert::changes(answer.headers(), write);
            convert::replace(answer.headers_mut(), &changes);
            Ok(answer)
        }
        Err(error) => {
            let changes = convert::changes(error.error_response().headers(), write);
            if changes.is_empty() {
                return Err(error);
            }
            Err(WithCookies { error, changes }.into())
        }
    }
}
