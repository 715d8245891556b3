mod pages;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::time::Duration;

use authsafe::{Auth, ClientAddr, Policy, Response, Session, Visitor};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Layer as _, Service, ServiceExt as _, service_fn};
use tracing_subscriber::EnvFilter;

/// Sign-in, callback, logout and refresh, under `/api/auth`.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access"),
    roles("admin"),
    landing(_ => "/dashboard"),
    client_secret = env("AUTHSAFE_CLIENT_SECRET", default = none),
    session(max_age = "8h", idle = "1h"),
    shared_state(redis = env("REDIS_URL", default = none)),
)]
pub mod auth {}

/// A page. `Err`: what a guard answers instead.
async fn page(request: &Parts) -> Result<Response, Response> {
    let who = |policy| Session::authorize(request, policy);
    match request.uri.path() {
        // Anybody may come in; whoever is signed in is greeted.
        "/" => {
            let Visitor(session) = Visitor::of(request).await?;
            Ok(html(pages::home(session.as_ref())))
        }
        // Who is signed out is sent to sign in, and comes back.
        "/dashboard" => {
            let session = who(Policy::SignedIn).await?;
            Ok(html(pages::dashboard(&session)))
        }
        "/admin" => {
            let session = who(Policy::Role("admin")).await?;
            Ok(html(pages::admin(&session)))
        }
        // The session's public fields; never a token.
        "/api/me" => {
            let session = who(Policy::SignedIn).await?;
            let json = serde_json::to_string(&session).unwrap_or_default();
            Ok(of("application/json", json))
        }
        "/style.css" => Ok(of("text/css; charset=utf-8", pages::STYLE)),
        _ => {
            let mut response = html(pages::not_found());
            *response.status_mut() = StatusCode::NOT_FOUND;
            Ok(response)
        }
    }
}

fn html(page: String) -> Response {
    of("text/html; charset=utf-8", page)
}

fn of(kind: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into());
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

type Answer = http::Response<Full<Bytes>>;

/// The app around one request; `B` is its body.
fn app<B>(
    auth: Auth,
) -> impl Service<Request<B>, Response = Answer, Error = Infallible, Future: Send> + Clone
where
    B: http_body_util::BodyExt<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>>
        + Send
        + 'static,
{
    let layer = auth.layer();
    let pages = service_fn(move |request: Request<B>| {
        let auth = auth.clone();
        async move {
            let (parts, body) = request.into_parts();
            let mut answer = match parts.uri.path().starts_with("/api/auth/") {
                true => {
                    auth.service()
                        .oneshot(Request::from_parts(parts, body))
                        .await?
                }
                false => page(&parts)
                    .await
                    .unwrap_or_else(|refusal| refusal)
                    .map(Full::new),
            };
            for (name, value) in pages::HEADERS {
                let value = HeaderValue::from_static(value);
                answer.headers_mut().entry(name).or_insert(value);
            }
            Ok::<_, Infallible>(answer)
        }
    });
    layer.layer(pages)
}

#[tokio::main]
async fn serve() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")),
        )
        .init();
    let auth = auth::from_env().await?;
    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&listen).await?;
    println!(
        "Open {}. Ctrl-C stops the app.",
        env::var("APP_URL").unwrap_or(listen)
    );

    let app = app(auth);
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = tokio::signal::ctrl_c() => break,
        };
        let Ok((socket, peer)) = accepted else {
            // Too many files are open, say.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // The address of each client, for limits that count them.
        let app = app
            .clone()
            .map_request(move |mut request: Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(ClientAddr(peer.ip()));
                request
            });
        let app = TowerToHyperService::new(app);
        let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), app);
        tokio::spawn(connections.watch(connection));
    }
    connections.shutdown().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // Before there are threads. What the environment has goes before what the file has.
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => return Err(error.into()),
        _ => serve(),
    }
}
