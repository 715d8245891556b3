//! actix-web: the endpoints, the session middleware, extractors, guards.

mod convert;
mod exchange;
mod extract;
mod middleware;
mod refusal;

use actix_web::guard::fn_guard;
use actix_web::web::{Payload, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use super::asked::as_asked;
use crate::auth::Auth;
use crate::endpoint::Endpoint;

pub use middleware::{SessionMiddleware, SessionMiddlewareService};

impl Auth {
    /// The endpoints, for [`App::configure`](actix_web::App::configure).
    ///
    /// ```
    /// # #[authsafe::routes]
    /// # mod auth {}
    /// # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    /// use actix_web::{App, HttpServer, web};
    /// use authsafe::Session;
    ///
    /// async fn dashboard(session: Session) -> String {
    ///     format!("Hello {}", session.user().display_name())
    /// }
    ///
    /// let auth = auth::from_env().await?;
    /// HttpServer::new(move || {
    ///     App::new()
    ///         .route("/dashboard", web::get().to(dashboard))
    ///         .configure(auth.configure())
    ///         .wrap(auth.middleware())
    /// })
    /// .bind("127.0.0.1:3000")?
    /// .run()
    /// .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn configure(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let auth = self.clone();
        move |app| {
            for (path, endpoint) in auth.endpoints() {
                let (auth, exact) = (auth.clone(), path.to_owned());
                let handler = move |request, body| answer(auth.clone(), endpoint, request, body);
                // actix matches the decoded path; an endpoint has one spelling, below whatever scope.
                let is_exact = fn_guard(move |it| it.head().uri.path().ends_with(&exact));
                app.service(resource(path).guard(is_exact).to(handler));
            }
        }
    }

    /// Gives each request its session, read only when a handler or a guard asks, and holds it to
    /// the rules of `protect(...)`; for [`App::wrap`](actix_web::App::wrap).
    ///
    /// Path rules see the path as this middleware sees it, and the path by which the request is
    /// routed, where those differ: it is held to the rules of both. What is rewritten within the
    /// middleware no rule sees. So wrap it last, outside of whatever rewrites paths, and write
    /// rules for the paths from before a rewrite.
    #[must_use]
    pub fn middleware(&self) -> SessionMiddleware {
        SessionMiddleware::new(self.clone())
    }
}

async fn answer(
    auth: Auth,
    endpoint: Endpoint,
    request: HttpRequest,
    body: Payload,
) -> HttpResponse {
    let Some(parts) = exchange::parts(&request) else {
        return HttpResponse::BadRequest().finish();
    };
    // One that is too long or breaks off holds nothing that an endpoint wants.
    let body = match endpoint.body_limit() {
        0 => Bytes::new(),
        limit => match body.to_bytes_limited(limit).await {
            Ok(Ok(body)) => body,
            _ => Bytes::new(),
        },
    };
    let parts = as_asked(parts);
    convert::response(auth.serve_with_body(endpoint, &parts, &body).await)
}
