//! The session middleware.

use core::future::{Ready, ready};
use core::pin::Pin;
use std::rc::Rc;

use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::{StatusCode, header as old};
use actix_web::{Error, HttpResponse};
use http::HeaderMap;

use super::convert;
use super::exchange::Context;
use super::refusal::WithHeaders;
use crate::auth::Auth;
use crate::guard;
use crate::guard::RequestSession;
use crate::path_rules::Demands;
use crate::response::{PRIVATE, varies_by};

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
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = SessionMiddlewareService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let (auth, inner) = (self.0.clone(), Rc::new(inner));
        ready(Ok(SessionMiddlewareService { auth, inner }))
    }
}

/// A service with sessions. Made by [`Auth::middleware`].
#[derive(Debug)]
pub struct SessionMiddlewareService<S> {
    auth: Auth,
    /// Shared with requests that wait for their path's rule.
    inner: Rc<S>,
}

impl<S, B> Service<ServiceRequest> for SessionMiddlewareService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let context = Context::enter(self.auth.clone(), &request);
        let demands = match self.auth.has_path_rules() {
            true => demands(&self.auth, &request),
            false => Demands::Nothing,
        };
        if demands.is_nothing() || meets_at_once(&context, &request, &demands) {
            let answer = self.inner.call(request);
            return Box::pin(async move { finish(&context, pass(answer.await)).await });
        }
        let inner = Rc::clone(&self.inner);
        Box::pin(async move {
            let answer = match admit(&context, &request, &demands).await {
                Ok(()) => pass(inner.call(request).await),
                Err(refusal) => Ok(request.into_response(refusal).map_into_right_body()),
            };
            finish(&context, answer).await
        })
    }
}

fn pass<B>(
    answer: Result<ServiceResponse<B>, Error>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    answer.map(ServiceResponse::map_into_left_body)
}

/// Returns what a request has to pass: the rules of its path, and those of the path by which it is routed,
/// where another middleware changed one of them.
fn demands(auth: &Auth, request: &ServiceRequest) -> Demands {
    let (path, routed) = (request.uri(), request.match_info().get_ref().uri());
    let demands = auth.demands("", path.path());
    match path.path() == routed.path() {
        true => demands,
        false => demands.and(&auth.demands("", routed.path())),
    }
}

/// Returns whether a request meets its path's rules, where nobody has to be asked. `false`: [`admit`] tells.
fn meets_at_once(context: &Context, request: &ServiceRequest, demands: &Demands) -> bool {
    let met = context.at_once(request.request(), |it| it.meets(demands));
    met.is_some()
}

/// Holds a request to its path's rules.
async fn admit(
    context: &Context,
    request: &ServiceRequest,
    demands: &Demands,
) -> Result<(), HttpResponse> {
    let parts = context.parts(request.request());
    let parts = parts.ok_or_else(|| HttpResponse::BadRequest().finish())?;
    let admitted = guard::admit_path(&parts, demands).await;
    admitted.map_err(convert::response)
}

/// Adds the cookies, and what caches have to know, where anybody asked for the session.
async fn finish<B>(
    context: &Context,
    answer: Result<ServiceResponse<B>, Error>,
) -> Result<ServiceResponse<B>, Error> {
    if let Ok(answer) = &answer
        && answer.status() == StatusCode::NOT_FOUND
        && context.is_endpoint()
    {
        context.auth().note_absence();
    }
    let Some(exchange) = context.exchange() else {
        return answer;
    };
    let answer = match (answer, context.converted()) {
        (Ok(answer), Some(request)) if answer.response().error().is_some() => {
            let settled = request.settle(answer.request()).await;
            settled.map(|()| answer)
        }
        (answer, _) => answer,
    };
    if context.is_second() {
        return answer;
    }
    match answer {
        Ok(mut answer) if says_nothing_of_caches(answer.headers()) && exchange.only_matters() => {
            let headers = answer.headers_mut();
            let vary = varies_by(context.auth().takes_tokens());
            headers.insert(old::VARY, old::HeaderValue::from_static(vary));
            headers.insert(old::CACHE_CONTROL, old::HeaderValue::from_static(PRIVATE));
            Ok(answer)
        }
        Ok(mut answer) => {
            let changes = written(context.auth(), &exchange, answer.headers()).await;
            convert::replace(answer.headers_mut(), &changes);
            Ok(answer)
        }
        Err(error) => {
            let response = error.error_response();
            let changes = written(context.auth(), &exchange, response.headers()).await;
            if changes.is_empty() {
                return Err(error);
            }
            Err(WithHeaders { error, changes }.into())
        }
    }
}

fn says_nothing_of_caches(headers: &old::HeaderMap) -> bool {
    !headers.contains_key(old::VARY) && !headers.contains_key(old::CACHE_CONTROL)
}

/// Returns what an answer has to say of the session, and of caches: the headers that change.
async fn written(auth: &Auth, exchange: &RequestSession, headers: &old::HeaderMap) -> HeaderMap {
    let (mut changes, pending) = convert::changes(headers, |headers| exchange.write(auth, headers));
    if let Some(pending) = pending {
        let cookies = pending.cookies().await;
        let (saved, ()) = convert::changes(headers, |headers| guard::append(headers, cookies));
        // One name that both change is as the second has it.
        changes.extend(saved);
    }
    changes
}
