//! tower: the session layer, and the endpoints as a service.

use core::convert::Infallible;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, Collected, Full, Limited};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::asked::{as_asked, asked_for};
use super::peer::peer;
use crate::auth::Auth;
use crate::endpoint::Endpoint;
use crate::guard::{self, RequestContext, RequestSession};
use crate::path_rules::{Demands, is_parameter};
use crate::response::Response;
use crate::types::Boxed;

impl Auth {
    /// Gives each request its session, read only when a handler or a guard asks, and holds it to
    /// the rules of `protect(...)`.
    ///
    /// Path rules see the path as this layer sees it; in an axum router that is the path that the
    /// browser asked for, also in one that is nested. Where a middleware between the outermost
    /// router and this layer rewrote the path since, a request is held to the rules of both paths;
    /// what routers cut off since is of the path once more. One that was rewritten in the segment
    /// of a parameter looks like one that was only cut. What is rewritten within the layer no rule
    /// sees. So put it outermost, outside of whatever cuts or rewrites paths, and write rules for
    /// the paths from before a rewrite. What must answer without a session, such as a CORS layer
    /// that answers preflight requests, lies around it.
    #[must_use]
    pub fn layer(&self) -> SessionLayer {
        SessionLayer {
            auth: self.clone(),
            make_body: FromBytes,
        }
    }

    /// The endpoints as a tower service; other paths are answered 404, so that an app can ask
    /// it last.
    #[must_use]
    pub fn service(&self) -> EndpointService {
        EndpointService(self.clone())
    }
}

/// See [`Auth::layer`]. `M` makes the bodies of refusals.
#[derive(Debug, Clone)]
pub struct SessionLayer<M = FromBytes> {
    auth: Auth,
    make_body: M,
}

impl SessionLayer {
    /// Makes the bodies of refusals (`protect(...)`) by this function, where the services within
    /// answer with bodies that are not `From<Bytes>`:
    ///
    /// ```
    /// # fn example(auth: authsafe::Auth) {
    /// use http_body_util::{BodyExt, Full};
    ///
    /// let layer = auth.layer().with_body(|bytes| Full::new(bytes).boxed());
    /// # drop(layer);
    /// # }
    /// ```
    #[must_use]
    pub fn with_body<F, R>(self, make_body: F) -> SessionLayer<ByFunction<F>>
    where
        F: Fn(Bytes) -> R + Clone,
    {
        SessionLayer {
            auth: self.auth,
            make_body: ByFunction(make_body),
        }
    }
}

/// Makes the body of a refusal.
#[diagnostic::on_unimplemented(
    message = "the session layer does not know how to make a `{R}`",
    label = "a refusal needs a body of the same type as the services within answer with",
    note = "write `auth.layer().with_body(|bytes| ...)`, with a function from `Bytes` to `{R}`"
)]
pub trait MakeBody<R>: Clone {
    /// The body with these bytes in it.
    fn make_body(&self, bytes: Bytes) -> R;
}

/// Makes bodies that are `From<Bytes>`: axum's, and hyper's `Full<Bytes>`.
#[derive(Debug, Clone, Copy)]
pub struct FromBytes;

impl<R: From<Bytes>> MakeBody<R> for FromBytes {
    fn make_body(&self, bytes: Bytes) -> R {
        R::from(bytes)
    }
}

/// See [`SessionLayer::with_body`].
#[derive(Clone, Copy)]
pub struct ByFunction<F>(F);

impl<F: Fn(Bytes) -> R + Clone, R> MakeBody<R> for ByFunction<F> {
    fn make_body(&self, bytes: Bytes) -> R {
        self.0(bytes)
    }
}

impl<F> fmt::Debug for ByFunction<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByFunction(..)")
    }
}

impl<S, M: Clone> Layer<S> for SessionLayer<M> {
    type Service = SessionService<S, M>;

    fn layer(&self, inner: S) -> SessionService<S, M> {
        SessionService {
            auth: self.auth.clone(),
            inner,
            make_body: self.make_body.clone(),
        }
    }
}

/// A service with sessions. Made by [`Auth::layer`].
#[derive(Debug, Clone)]
pub struct SessionService<S, M = FromBytes> {
    auth: Auth,
    inner: S,
    make_body: M,
}

impl<S, B, R, M> Service<Request<B>> for SessionService<S, M>
where
    S: Service<Request<B>, Response = http::Response<R>> + Clone,
    M: MakeBody<R>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = SessionFuture<S, B, M>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let asked_for = asked_by(&request);
        let is_endpoint = self.auth.has_endpoint(asked_for.path());
        tell_of_nesting(&self.auth, asked_for, &request);
        let context = RequestContext::new(self.auth.clone(), asked_for, peer);
        let demands = match self.auth.has_path_rules() {
            true => demands(&self.auth, &request),
            false => Demands::Nothing,
        };
        let exchange = context.enter(request.extensions_mut());
        let state = if demands.is_nothing() || meets_at_once(&request, &demands) {
            State::Within {
                answer: self.inner.call(request),
            }
        } else {
            // The one that is ready; a clone of it is not, and waits for the next request.
            let clone = self.inner.clone();
            let inner = mem::replace(&mut self.inner, clone);
            State::AtTheDoor {
                held: Some(Box::new(Held::new(
                    request,
                    demands,
                    inner,
                    &self.make_body,
                ))),
            }
        };
        SessionFuture {
            state,
            exchange,
            is_endpoint,
            auth: self.auth.clone(),
        }
    }
}

/// Says where the layer is, if axum's routers have cut something off before it.
fn tell_of_nesting<B>(auth: &Auth, asked_for: &http::Uri, request: &Request<B>) {
    if asked_for.path().len() != request.uri().path().len() {
        auth.note_nested_layer(cut_off(request));
    }
}

/// Returns the path as the browser asked for it.
fn asked_by<B>(request: &Request<B>) -> &http::Uri {
    asked_for(request.uri(), request.extensions())
}

/// Returns what a request has to pass: the rules of the path that the browser asked for, and those of the
/// path that was made of it, where it was rewritten and not only cut.
fn demands<B>(auth: &Auth, request: &Request<B>) -> Demands {
    let asked_for = asked_by(request).path();
    let (path, mut demands) = (request.uri().path(), auth.demands("", asked_for));
    let mut above = cut_off(request);
    if below(above, asked_for).is_some_and(|rest| rest == path) {
        return demands;
    }
    // How much of what was cut off was cut before the rewrite, nobody knows. A parameter has every
    // rule, and where it is the first is asked only if what is before it was in the path.
    let mut asked_for = Some(asked_for);
    loop {
        let length = above
            .match_indices('/')
            .nth(1)
            .map_or(above.len(), |(at, _)| at);
        let (first, rest) = above.split_at(length);
        if asked_for.is_some() || !first.strip_prefix('/').is_some_and(is_parameter) {
            demands = demands.and(&auth.demands(above, path));
        }
        if above.is_empty() {
            return demands;
        }
        asked_for = asked_for.and_then(|path| below(first, path));
        above = rest;
    }
}

/// Returns whether a request meets what its path demands, where nobody has to be asked. `false`: the way of a request
/// that waits tells.
fn meets_at_once<B>(request: &Request<B>, demands: &Demands) -> bool {
    let context = request.extensions().get::<RequestContext>();
    let meets = |it: &RequestContext| {
        it.at_once(request.method(), request.headers(), |it| it.meets(demands))
    };
    context.and_then(meets).is_some()
}

/// Returns what axum's routers cut off from the path for those that are nested in them, as it is in the
/// routes: `/teams/{team}`.
fn cut_off<B>(request: &Request<B>) -> &str {
    #[cfg(feature = "axum")]
    if let Some(nested) = request.extensions().get::<axum::extract::NestedPath>() {
        return nested.as_str().trim_end_matches('/');
    }
    let _ = request;
    ""
}

/// Returns what is left of a path when that is cut off; `None` where it does not begin with it.
fn below<'p>(above: &str, path: &'p str) -> Option<&'p str> {
    if above.is_empty() {
        return Some(path);
    }
    let mut rest = path;
    for expected in above.split('/').skip(1) {
        let after = rest.strip_prefix('/')?;
        let (segment, after) = after.split_at(after.find('/').unwrap_or(after.len()));
        if !is_parameter(expected) && segment != expected {
            return None;
        }
        rest = after;
    }
    Some(if rest.is_empty() { "/" } else { rest })
}

/// A request that waits until it is known whether it may pass.
struct Held<S, B, M> {
    admission: Admission,
    body: B,
    inner: S,
    make_body: M,
}

/// The head of a request, and what to answer where it may not pass.
type Admission = Boxed<'static, (Parts, Result<(), Response>)>;

impl<S, B, M: Clone> Held<S, B, M> {
    fn new(request: Request<B>, demands: Demands, inner: S, make_body: &M) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            admission: Box::pin(async move {
                let admitted = guard::admit_path(&parts, &demands).await;
                (parts, admitted)
            }),
            body,
            inner,
            make_body: make_body.clone(),
        }
    }
}

pin_project! {
    /// A response to which the session's cookies are added.
    pub struct SessionFuture<S, B, M = FromBytes>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B, M>,
        // Another layer of the same routes, further out, writes the session.
        exchange: Option<Arc<RequestSession>>,
        is_endpoint: bool,
        auth: Auth,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B, M>
    where
        S: Service<Request<B>>,
    {
        // Its path has a rule.
        AtTheDoor { held: Option<Box<Held<S, B, M>>> },
        Within { #[pin] answer: S::Future },
        // Its session is on the way into a store.
        Leaving { saved: Option<Saved<S::Response>> },
    }
}

/// A response that waits until its session is in the store.
struct Saved<R> {
    cookies: Boxed<'static, Vec<HeaderValue>>,
    response: R,
}

impl<S: Service<Request<B>>, B, M> fmt::Debug for SessionFuture<S, B, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFuture")
            .field("auth", &self.auth)
            .finish_non_exhaustive()
    }
}

impl<S, B, R, M> Future for SessionFuture<S, B, M>
where
    S: Service<Request<B>, Response = http::Response<R>>,
    M: MakeBody<R>,
{
    type Output = Result<http::Response<R>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let mut response = match this.state.as_mut().project() {
                StateProjection::Within { answer } => ready!(answer.poll(cx))?,
                StateProjection::AtTheDoor { held } => {
                    let Some(waiting) = held else {
                        // It has answered; nobody polls a future after that.
                        return Poll::Pending;
                    };
                    let (parts, admitted) = ready!(waiting.admission.as_mut().poll(cx));
                    let Some(waiting) = held.take() else {
                        return Poll::Pending;
                    };
                    let Held {
                        body,
                        mut inner,
                        make_body,
                        ..
                    } = *waiting;
                    match admitted {
                        Ok(()) => {
                            let answer = inner.call(Request::from_parts(parts, body));
                            this.state.set(State::Within { answer });
                            continue;
                        }
                        Err(refusal) => refusal.map(|bytes| make_body.make_body(bytes)),
                    }
                }
                StateProjection::Leaving { saved } => {
                    let Some(waiting) = saved else {
                        return Poll::Pending;
                    };
                    let cookies = ready!(waiting.cookies.as_mut().poll(cx));
                    let Some(Saved { mut response, .. }) = saved.take() else {
                        return Poll::Pending;
                    };
                    guard::append(response.headers_mut(), cookies);
                    return Poll::Ready(Ok(response));
                }
            };
            if *this.is_endpoint && response.status() == StatusCode::NOT_FOUND {
                this.auth.note_absence();
            }
            let write = |it: &Arc<RequestSession>| it.write(this.auth, response.headers_mut());
            let Some(pending) = this.exchange.as_ref().and_then(write) else {
                return Poll::Ready(Ok(response));
            };
            let cookies = pending.cookies();
            let saved = Some(Saved { cookies, response });
            this.state.set(State::Leaving { saved });
        }
    }
}

/// See [`Auth::service`].
#[derive(Debug, Clone)]
pub struct EndpointService(Auth);

impl<B> Service<Request<B>> for EndpointService
where
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let auth = self.0.clone();
        let (parts, body) = request.into_parts();
        Box::pin(async move {
            let endpoint = auth
                .endpoints()
                .find_map(|(path, endpoint)| (path == parts.uri.path()).then_some(endpoint));
            let response = match endpoint {
                Some(endpoint) => serve(&auth, endpoint, parts, body).await,
                None => {
                    let mut response = http::Response::new(Bytes::new());
                    *response.status_mut() = StatusCode::NOT_FOUND;
                    response
                }
            };
            Ok(response.map(Full::new))
        })
    }
}

/// Answers at an endpoint. A body that is too long or breaks off holds nothing that it wants.
pub(super) async fn serve<B>(auth: &Auth, endpoint: Endpoint, parts: Parts, body: B) -> Response
where
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    let body = match endpoint.body_limit() {
        0 => Bytes::new(),
        limit => {
            let body = Limited::new(body, limit).collect().await;
            body.map(Collected::to_bytes).unwrap_or_default()
        }
    };
    auth.serve_with_body(endpoint, &as_asked(parts), &body)
        .await
}
