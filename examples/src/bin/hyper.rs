//! Sign-in with authsafe on plain hyper: `cargo run --bin hyper`.

#![allow(clippy::print_stdout, unreachable_pub)]

#[allow(dead_code)]
#[path = "quickstart/settings.rs"]
mod settings;

use std::convert::Infallible;
use std::error::Error;

use authsafe::{Auth, ClientAddr, Policy, Response, Session, Visitor};
use http::Request;
use http::request::Parts;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tower::{ServiceBuilder, ServiceExt as _};

use settings::Settings;

/// The four endpoints under `/api/auth`, and what starts them.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    landing(scope("admin") => "/admin/dashboard", _ => "/dashboard"),
    client_secret = env("AUTHSAFE_CLIENT_SECRET", default = none),
)]
pub mod auth {}

/// A page; `None` where there is none, `Err` what a guard answers instead.
async fn page(request: &Parts) -> Result<Option<String>, Response> {
    let who = |policy| Session::authorize(request, policy);
    Ok(Some(match request.uri.path() {
        "/" => match Visitor::of(request).await? {
            Visitor(Some(session)) => format!("Hello {}", session.user().display_name()),
            Visitor(None) => format!("Hello stranger, sign in at {}", auth::paths::SIGNIN),
        },
        "/dashboard" => format!("Hello {}", who(Policy::SignedIn).await?.user().id()),
        "/admin/dashboard" => {
            let session = who(Policy::Scope(auth::scopes::ADMIN)).await?;
            format!("Hello {}, you may do everything", session.user().id())
        }
        "/me" => serde_json::to_string(&who(Policy::SignedIn).await?).unwrap_or_default(),
        _ => return Ok(None),
    }))
}

type Answer = Result<http::Response<Full<Bytes>>, Infallible>;

async fn answer(auth: Auth, request: Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    match page(&parts).await {
        Ok(Some(page)) => Ok(http::Response::new(page.into())),
        // The four endpoints, and 404 for everything else.
        Ok(None) => {
            auth.service()
                .oneshot(Request::from_parts(parts, body))
                .await
        }
        Err(refusal) => Ok(refusal.map(Full::new)),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    settings::log();
    let settings = Settings::read().await?;
    let auth = auth::from_vars(|name| settings.var(name)).await?;
    println!("{settings}");

    let app = ServiceBuilder::new().layer(auth.layer());
    let app = app.service_fn(move |it| answer(auth.clone(), it));
    loop {
        let (socket, peer) = settings.listener.accept().await?;
        // The address of each client, for limits that count them.
        let app = app
            .clone()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(ClientAddr(peer.ip()));
                request
            });
        let app = TowerToHyperService::new(app);
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(socket), app));
    }
}
