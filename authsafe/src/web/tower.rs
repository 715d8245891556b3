//! tower: the session layer, and the endpoints as a service.

use core::convert::Infallible;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::auth::Auth;
use crate::guard::{Exchange, RequestContext};

impl Auth {
    /// Gives each request its session, read only when a handler or a guard asks.
    #[must_use]
    pub fn layer(&self) -> SessionLayer {
        SessionLayer(self.clone())
    }

    /// The four endpoints as a tower service; other paths are answered 404.
    #[must_use]
    pub fn service(&self) -> EndpointService {
        EndpointService(self.clone())
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

impl<B> Service<Request<B>> for EndpointService {
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let auth = self.0.clone();
        let (parts, _) = request.into_parts();
        Box::pin(async move {
            let endpoint = auth
                .endpoints()
                .find_map(|(path, endpoint)| (path == parts.uri.path()).then_some(endpoint));
            let response = match endpoint {
                Some(endpoint) => auth.serve(endpoint, &parts).await,
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
