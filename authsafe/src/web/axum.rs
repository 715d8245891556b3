//! axum: a router, extractors, guards.

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, OptionalFromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::request::Parts;

use super::peer::peer;
use super::tower::serve;
use crate::auth::Auth;
use crate::endpoint::{ClientAddr, Endpoint};
use crate::guard::{self, Admit, Authorized, Decided, Guard, Of, SessionData, Visitor};
use crate::policy::{NamedPolicy, Require};
use crate::session::Session;
use crate::spec::Answers;
use crate::types::{Routes, SaysWhose};

impl Auth {
    /// The endpoints as an axum router, to be merged into the app's own.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        self.endpoints()
            .fold(Router::new(), |router, (path, endpoint)| {
                let auth = self.clone();
                let handler = move |request: Request| answer(auth.clone(), endpoint, request);
                router.route(path, any(handler))
            })
    }
}

async fn answer(auth: Auth, endpoint: Endpoint, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Some(peer) = peer(&parts.extensions) {
        parts.extensions.insert(ClientAddr(peer));
    }
    with_body(serve(&auth, endpoint, parts, body).await)
}

fn with_body(response: crate::response::Response) -> Response {
    response.map(Body::from)
}

/// An argument of a handler, on axum.
macro_rules! argument {
    ($(#[$doc:meta])* [$($of:tt)*] $argument:ty) => {
        $(#[$doc])*
        impl<S: Sync, $($of)*> FromRequestParts<S> for $argument {
            type Rejection = Response;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
                guard::argument(parts).await.map_err(with_body)
            }
        }
    };
}

argument!(
    /// The handle of the session layer around the handler.
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
        impl<S: Send + Sync, P: NamedPolicy, $($of)*> FromRequestParts<S> for $argument
        where
            P::Arguments: FromRequestParts<S>,
        {
            type Rejection = Response;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
                let session = guard::holder::<Self>(parts).await.map_err(with_body)?;
                let arguments = P::Arguments::from_request_parts(parts, state).await;
                let arguments = arguments.map_err(IntoResponse::into_response)?;
                guard::decide(session, parts, arguments).await.map_err(with_body)
            }
        }
    };
}

by_policy!([] Authorized<P>);
by_policy!([H: SaysWhose, R: SaysWhose] Decided<Authorized<P>, H, R>);

/// Whoever it is, signed in or not.
impl<S: Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Response> {
        let visitor = guard::argument::<Visitor>(parts).await;
        visitor.map(|it| it.0).map_err(with_body)
    }
}

/// Whoever it is, signed in or not.
impl<S: Sync, R: Routes> OptionalFromRequestParts<S> for Of<Session, R> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Response> {
        let visitor = guard::argument::<Of<Visitor, R>>(parts).await;
        visitor.map(Of::known).map_err(with_body)
    }
}
