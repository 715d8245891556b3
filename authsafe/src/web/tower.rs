//! tower: the session layer, the endpoints as a service, and guards as functions.

use core::convert::Infallible;
use core::error::Error;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, Full, Limited};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::auth::Auth;
use crate::authorized::Authorized;
use crate::decision::NamedPolicy;
use crate::exchange::{Exchange, SessionData};
use crate::guard::{self, RequestContext, Visitor};
use crate::policy::Policy;
use crate::session::Session;

impl Auth {
    /// Gives each request its session, read only when a handler or a guard asks.
    #[must_use]
    pub fn layer(&self) -> SessionLayer {
        SessionLayer(self.clone())
    }

    /// The endpoints as a tower service; other paths are answered 404, so that an app can ask
    /// it last.
    #[must_use]
    pub fn service(&self) -> EndpointService {
        EndpointService(self.clone())
    }
}

/// The session of a request that the policy allows: what `#[require_scope]` and a `Session`
/// argument are in axum, for services without extractors. [`Auth::layer`] has to be around them.
///
/// ```
/// use authsafe::{Policy, Response, authorize};
/// use http::request::Parts;
///
/// #[authsafe::routes(scopes("openid", "profile", "admin"))]
/// mod auth {}
///
/// async fn admin_dashboard(request: &Parts) -> Result<Response, Response> {
///     let session = authorize(request, Policy::Scope(auth::scopes::ADMIN)).await?;
///     let text = format!("Hello {}", session.user().display_name());
///     Ok(Response::new(text.into()))
/// }
/// ```
///
/// # Errors
///
/// What to answer instead: the way to sign in, 401, 403; 500 where the layer is missing.
pub async fn authorize(request: &Parts, policy: Policy) -> Result<Session, crate::Response> {
    guard::admit(request, &policy).await
}

impl Visitor {
    /// Whoever sent a request, signed in or not; as [`authorize`].
    ///
    /// # Errors
    ///
    /// What to answer where the layer is missing: 500.
    pub async fn of(request: &Parts) -> Result<Self, crate::Response> {
        guard::visitor(request).await.map(Self)
    }
}

impl SessionData {
    /// The data in a request's session, to be changed; as [`authorize`] for whoever is signed in.
    ///
    /// # Errors
    ///
    /// As [`authorize`].
    pub async fn of(request: &Parts) -> Result<Self, crate::Response> {
        Self::admit(request).await
    }
}

impl<P: NamedPolicy> Authorized<P> {
    /// The witness that the policy lets a request pass; as [`authorize`].
    ///
    /// # Errors
    ///
    /// As [`authorize`]; 503 where the policy cannot decide.
    pub async fn of(request: &Parts) -> Result<Self, crate::Response> {
        Self::admit(request).await
    }
}

/// See [`Auth::layer`].
#[derive(Debug, Clone)]
pub struct SessionLayer(Auth);

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService {
            auth: self.0.clone(),
            inner,
        }
    }
}

/// A service with sessions. Made by [`Auth::layer`].
#[derive(Debug, Clone)]
pub struct SessionService<S> {
    auth: Auth,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for SessionService<S>
where
    S: Service<Request<B>, Response = http::Response<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = SessionFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let context = RequestContext::new(self.auth.clone(), request.uri());
        let exchange = context.exchange();
        request.extensions_mut().insert(context);
        SessionFuture {
            inner: self.inner.call(request),
            exchange,
            auth: self.auth.clone(),
        }
    }
}

pin_project! {
    /// A response to which the session's cookies are added.
    #[derive(Debug)]
    pub struct SessionFuture<F> {
        #[pin]
        inner: F,
        exchange: Arc<Exchange>,
        auth: Auth,
    }
}

impl<F, R, E> Future for SessionFuture<F>
where
    F: Future<Output = Result<http::Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        this.exchange.write(this.auth, response.headers_mut());
        Poll::Ready(Ok(response))
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
                Some(endpoint) => {
                    let body = read(body, endpoint.body_limit()).await;
                    auth.serve_with_body(endpoint, &parts, &body).await
                }
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

/// A body; one that is too long or breaks off holds nothing that an endpoint wants.
async fn read<B>(body: B, limit: usize) -> Bytes
where
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    match limit {
        0 => Bytes::new(),
        limit => match Limited::new(body, limit).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => Bytes::new(),
        },
    }
}
