//! The app, three times.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use actix_files::Files;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorBadGateway, ErrorBadRequest};
use actix_web::guard::{Any, Get, Head};
use actix_web::middleware::{Condition, Next, from_fn};
use actix_web::web::resource;
use actix_web::{App, FromRequest, HttpRequest, HttpResponse, HttpServer, rt, web};
use authsafe::{
    Auth, ClientAddr, Policy, Session, SessionData, Unauthenticated, Visitor, require_auth,
    require_scope,
};
use axum::extract::{FromRequestParts, OriginalUri};
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::request::Parts;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use percent_encoding::percent_decode_str;
use tokio::task::JoinHandle;
use tower::util::MapRequest;
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::services::ServeDir;
use url::Url;

use super::{Framework, Setup, policies};
use crate::app::{admin_dashboard, auth, dashboard, home as option};
use crate::deployment;

/// Stops with the peer.
pub(super) enum Running {
    Task(JoinHandle<()>),
    Actix(ServerHandle),
}

impl Drop for Running {
    fn drop(&mut self) {
        match self {
            Self::Task(task) => task.abort(),
            // It is told at once; nobody waits for it.
            Self::Actix(server) => drop(server.stop(false)),
        }
    }
}

pub(super) fn serve(
    framework: Framework,
    listener: TcpListener,
    auth: Auth,
    setup: Setup,
) -> Running {
    match framework {
        Framework::Axum => on_axum(listener, &auth, setup),
        Framework::Actix => on_actix(listener, auth, setup),
        Framework::Hyper => on_hyper(listener, auth, setup),
    }
}

// The handlers of axum and of actix-web are the same functions.

async fn open() -> &'static str {
    "open to all"
}

async fn home(Visitor(session): Visitor) -> String {
    option(session).await
}

async fn me(session: Session) -> String {
    serde_json::to_string(&session).unwrap()
}

#[require_auth(unauthenticated = "json")]
async fn told() -> &'static str {
    "told"
}

#[require_auth(unauthenticated = "redirect")]
async fn sent() -> &'static str {
    "sent"
}

#[require_scope("admin", routes = any)]
async fn upload(body: String) -> String {
    format!("taken: {body}")
}

async fn remember(data: SessionData) -> &'static str {
    data.set("color", &"green").unwrap();
    "remembered"
}

/// What is set is there at once.
async fn flash(data: SessionData) -> String {
    for text in ["saving", "saved"] {
        data.set("flash", &text).unwrap();
    }
    let before = data.session().get::<String>("flash");
    let text: Option<String> = data.get("flash");
    let number: Option<u8> = data.take("flash");
    data.set("gone", &1).unwrap();
    data.remove("gone");
    format!(
        "{before:?} {text:?} {number:?} {:?}",
        data.get::<u8>("gone")
    )
}

/// What is taken is taken once.
async fn shown(data: SessionData) -> String {
    let taken = [data.take::<String>("flash"), data.take("flash")];
    format!("{taken:?}")
}

async fn end(auth: Auth, session: Session) -> &'static str {
    auth.revoke_user(session.user().id()).await.unwrap();
    "ended"
}

/// As [`remember`], and takes its time.
async fn slow(data: SessionData) -> &'static str {
    data.set("color", &"green").unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    "slow"
}

async fn recall(session: Session) -> String {
    format!("{:?}", session.get::<String>("color"))
}

/// An extractor that fails at once.
pub(super) struct Broken;

impl<S: Sync> FromRequestParts<S> for Broken {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Err((StatusCode::BAD_REQUEST, "broken"))
    }
}

impl FromRequest for Broken {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Err(ErrorBadRequest("broken")))
    }
}

#[require_scope("admin", routes = any)]
async fn broken(_: Broken) -> &'static str {
    "never reached"
}

/// What a handler itself says of caches.
const VARY: (&str, &str) = ("vary", "Accept-Encoding");
const CACHE_CONTROL: (&str, &str) = ("cache-control", "max-age=60");

async fn in_the_vault() -> &'static str {
    "what is in the vault"
}

/// As careless as a service of static files can be: it decodes a path, tidies it, and does not look
/// at upper and lower case.
fn file(path: &str) -> String {
    let mut text = path.to_owned();
    for _ in 0..3 {
        text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    let mut folders: Vec<String> = Vec::new();
    for name in text.to_ascii_lowercase().split(['/', '\\']) {
        match name.split(';').next().unwrap() {
            "" | "." => {}
            ".." => drop(folders.pop()),
            name => folders.push(name.to_owned()),
        }
    }
    match folders.join("/") {
        lobby if lobby == "vault/lobby" => "the lobby".to_owned(),
        file if file == "vault" || file.starts_with("vault/") => "what is in the vault".to_owned(),
        file => format!("nothing at {file}"),
    }
}

/// As careless as a handler can be that forwards what is left of a path: it decodes it, and leaves
/// the rest to a URL parser and to a server that does not look at upper and lower case.
fn forwarded(path: &str) -> String {
    let rest = path.strip_prefix("/bff/").unwrap();
    let rest = percent_decode_str(rest).decode_utf8_lossy();
    let Ok(url) = Url::parse(&format!("http://server.example/{rest}")) else {
        return "no URL".to_owned();
    };
    let path = percent_decode_str(url.path()).decode_utf8_lossy();
    let path = path.to_uppercase().to_lowercase();
    match path.split('/').nth(1) {
        Some("admin" | "desk") => "what is for admins".to_owned(),
        _ => format!("nothing at {path}"),
    }
}

/// What is served below `/files`.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/files");

fn on_axum(listener: TcpListener, auth: &Auth, setup: Setup) -> Running {
    let mut app = Router::new()
        .route("/open", get(open))
        .route("/", get(home))
        .route("/dashboard", get(dashboard))
        .route("/me", get(me))
        .route("/admin/dashboard", get(admin_dashboard))
        .route("/told", get(told))
        .route("/sent", get(sent).post(sent))
        .route("/admin/upload", post(upload))
        .route("/remember", post(remember))
        .route("/slow", post(slow))
        .route("/flash", post(flash).get(shown))
        .route("/end", post(end))
        .route("/recall", get(recall))
        .route("/option", get(option))
        .route("/greet", post(home))
        .route(
            "/cached",
            get(async |_: Session| ([VARY, CACHE_CONTROL], "cached")),
        )
        .route("/admin/broken", get(broken))
        .route("/owned", post(policies::owned))
        .route("/owned/lost", post(policies::owned))
        .route("/owned/broken", get(policies::owned_and_broken))
        .route("/witnessed", get(policies::witnessed))
        .route(
            "/documents/{id}",
            get(policies::on_axum::document).with_state(policies::Documents),
        )
        .route(
            "/shared/{id}",
            get(policies::on_axum::shared).with_state(policies::Documents),
        )
        .layer(Extension(policies::OWNER))
        .route(
            "/late",
            get(async |_: Session| (StatusCode::BAD_GATEWAY, "late")),
        )
        .merge(auth.router());
    if setup.files {
        app = app
            .route("/users/{name}/edit", get(in_the_vault))
            .route("/{team}/admin/vault/{page}", get(in_the_vault))
            .route(
                "/bff/{*rest}",
                get(async |OriginalUri(uri): OriginalUri| forwarded(uri.path())),
            )
            .nest_service("/files", ServeDir::new(FILES))
            .fallback(async |uri: http::Uri| file(uri.path()));
    }
    Running::Task(deployment::listen(listener, auth, app, setup.layered))
}

fn on_actix(listener: TcpListener, auth: Auth, setup: Setup) -> Running {
    let (started, handle) = mpsc::channel();
    let page = |path| resource(path).guard(Any(Get()).or(Head()));
    let server = move || {
        let app = move || {
            App::new()
                .service(page("/open").to(open))
                .service(page("/").to(home))
                .service(page("/dashboard").to(dashboard))
                .service(page("/me").to(me))
                .service(page("/admin/dashboard").to(admin_dashboard))
                .service(page("/told").to(told))
                .service(resource("/sent").to(sent))
                .route("/admin/upload", web::post().to(upload))
                .route("/remember", web::post().to(remember))
                .route("/slow", web::post().to(slow))
                .route("/flash", web::post().to(flash))
                .route("/flash", web::get().to(shown))
                .route("/end", web::post().to(end))
                .service(page("/recall").to(recall))
                .service(page("/option").to(option))
                .route("/greet", web::post().to(home))
                .service(page("/cached").to(async |_: Session| {
                    let mut answer = HttpResponse::Ok();
                    answer.insert_header(VARY).insert_header(CACHE_CONTROL);
                    answer
                        .content_type("text/plain; charset=utf-8")
                        .body("cached")
                }))
                .service(page("/admin/broken").to(broken))
                .route("/owned", web::post().to(policies::owned))
                .route("/owned/lost", web::post().to(policies::owned))
                .service(page("/owned/broken").to(policies::owned_and_broken))
                .service(page("/witnessed").to(policies::witnessed))
                .service(page("/documents/{id}").to(policies::on_actix::document))
                .service(page("/shared/{id}").to(policies::on_actix::shared))
                .app_data(web::Data::new(policies::Documents))
                .app_data(shared())
                .service(page("/late").to(dashboard).wrap(from_fn(late)))
                .configure(auth.configure())
                .configure(|app| {
                    if setup.files {
                        let files = async |request: HttpRequest| file(request.uri().path());
                        let bff = async |request: HttpRequest| forwarded(request.uri().path());
                        app.service(page("/users/{name}/edit").to(in_the_vault))
                            .service(page("/{team}/admin/vault/{page}").to(in_the_vault))
                            .service(page("/bff/{rest:.*}").to(bff))
                            .service(Files::new("/files", FILES))
                            .default_service(web::to(files));
                    }
                })
                .wrap(Condition::new(setup.layered, auth.middleware()))
        };
        let server = HttpServer::new(app).workers(1).disable_signals();
        server.listen(listener).unwrap().run()
    };
    std::thread::spawn(move || {
        rt::System::new().block_on(async move {
            let server = server();
            started.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    Running::Actix(handle.recv().unwrap())
}

fn shared() -> http::Extensions {
    let mut shared = http::Extensions::new();
    shared.insert(policies::OWNER);
    shared
}

/// A middleware within ours that fails after the handler.
async fn late(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse, actix_web::Error> {
    next.call(request).await?;
    Err(ErrorBadGateway("late"))
}

type Answer = http::Response<Full<Bytes>>;

fn on_hyper(listener: TcpListener, auth: Auth, setup: Setup) -> Running {
    let layer = setup.layered.then(|| auth.layer());
    let app = ServiceBuilder::new()
        .option_layer(layer)
        .service_fn(move |request| route(auth.clone(), request, setup.files));
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    Running::Task(tokio::spawn(async move {
        loop {
            let (socket, peer) = listener.accept().await.unwrap();
            let app = MapRequest::new(app.clone(), move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(ClientAddr(peer.ip()));
                request
            });
            let app = TowerToHyperService::new(app);
            let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), app);
            tokio::spawn(connection);
        }
    }))
}

async fn route(auth: Auth, request: Request<Incoming>, files: bool) -> Result<Answer, Infallible> {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(policies::OWNER);
    let answer = match (parts.method.as_str(), parts.uri.path()) {
        ("GET" | "HEAD", "/open") => Ok(text("open to all")),
        ("GET" | "HEAD", "/" | "/option") | ("POST", "/greet") => match Visitor::of(&parts).await {
            Ok(Visitor(Some(session))) => {
                Ok(text(format!("Hello {}", session.user().display_name())))
            }
            Ok(Visitor(None)) => Ok(text("Hello stranger")),
            Err(refusal) => Err(refusal),
        },
        ("GET" | "HEAD", "/dashboard") => Session::authorize(&parts, Policy::SignedIn)
            .await
            .map(|session| text(format!("Dashboard of {}", session.user().id()))),
        ("GET" | "HEAD", "/me") => Session::authorize(&parts, Policy::SignedIn)
            .await
            .map(|session| text(serde_json::to_string(&session).unwrap())),
        ("GET" | "HEAD", "/admin/dashboard") => {
            Session::authorize(&parts, Policy::Scope(auth::scopes::ADMIN))
                .await
                .map(|session| text(format!("Admin dashboard of {}", session.user().id())))
        }
        ("GET" | "HEAD", "/told") => {
            Session::authorize_or(&parts, Policy::SignedIn, Unauthenticated::Json)
                .await
                .map(|_| text("told"))
        }
        ("GET" | "HEAD" | "POST", "/sent") => {
            Session::authorize_or(&parts, Policy::SignedIn, Unauthenticated::Redirect)
                .await
                .map(|_| text("sent"))
        }
        ("POST", "/admin/upload") => {
            match Session::authorize(&parts, Policy::Scope(auth::scopes::ADMIN)).await {
                Ok(_) => {
                    let body = body.collect().await.unwrap().to_bytes();
                    Ok(text(format!("taken: {}", String::from_utf8_lossy(&body))))
                }
                Err(refusal) => Err(refusal),
            }
        }
        ("POST", "/remember") => SessionData::of(&parts).await.map(|data| {
            data.set("color", &"green").unwrap();
            text("remembered")
        }),
        ("POST", "/flash") => match SessionData::of(&parts).await {
            Ok(data) => Ok(text(flash(data).await)),
            Err(refusal) => Err(refusal),
        },
        ("GET", "/flash") => match SessionData::of(&parts).await {
            Ok(data) => Ok(text(shown(data).await)),
            Err(refusal) => Err(refusal),
        },
        ("POST", "/end") => match (Auth::of(&parts), Session::of(&parts).await) {
            (Ok(auth), Ok(session)) => Ok(text(end(auth, session).await)),
            (Err(refusal), _) | (_, Err(refusal)) => Err(refusal),
        },
        ("GET" | "HEAD", "/cached") => {
            Session::authorize(&parts, Policy::SignedIn).await.map(|_| {
                let mut answer = text("cached");
                for (name, value) in [VARY, CACHE_CONTROL] {
                    let value = http::HeaderValue::from_static(value);
                    answer.headers_mut().insert(name, value);
                }
                answer
            })
        }
        ("POST", "/slow") => match SessionData::of(&parts).await {
            Ok(data) => Ok(text(slow(data).await)),
            Err(refusal) => Err(refusal),
        },
        ("GET" | "HEAD", "/recall") => Session::authorize(&parts, Policy::SignedIn)
            .await
            .map(|session| text(format!("{:?}", session.get::<String>("color")))),
        ("GET" | "HEAD", "/admin/broken") => {
            let session = Session::authorize(&parts, Policy::Scope(auth::scopes::ADMIN)).await;
            session.map(|_| with_status(StatusCode::BAD_REQUEST, "broken"))
        }
        ("GET" | "HEAD", "/owned/broken") => {
            let owned = policies::answer(&parts).await;
            owned.map(|text| with_status(StatusCode::BAD_REQUEST, text))
        }
        ("GET", path) if path.starts_with("/documents/") => {
            let id = path.strip_prefix("/documents/").unwrap();
            policies::on_hyper::document(&parts, id).await.map(text)
        }
        ("GET", path) if path.starts_with("/shared/") => {
            let id = path.strip_prefix("/shared/").unwrap();
            policies::on_hyper::shared(&parts, id).await.map(text)
        }
        ("POST", "/owned" | "/owned/lost") | ("GET" | "HEAD", "/witnessed") => {
            policies::answer(&parts).await.map(text)
        }
        ("GET" | "HEAD", "/late") => Session::authorize(&parts, Policy::SignedIn)
            .await
            .map(|_| with_status(StatusCode::BAD_GATEWAY, "late")),
        ("GET", path) if files && path.starts_with("/bff/") => Ok(text(forwarded(path))),
        ("GET", path) if files && path.starts_with("/files/") => {
            let below = path.strip_prefix("/files").unwrap();
            let request = Request::get(below).body(Full::<Bytes>::default()).unwrap();
            let (head, body) = ServeDir::new(FILES).oneshot(request).await?.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Ok(Answer::from_parts(head, Full::new(body)))
        }
        (_, path) if files && !path.starts_with("/api/auth/") => Ok(text(file(path))),
        // The endpoints, and 404 for everything else.
        _ => {
            return auth
                .service()
                .oneshot(Request::from_parts(parts, body))
                .await;
        }
    };
    Ok(answer.unwrap_or_else(|refusal| refusal.map(Full::new)))
}

fn text(text: impl Into<Bytes>) -> Answer {
    with_status(StatusCode::OK, text)
}

fn with_status(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    let response = http::Response::builder()
        .status(status)
        .header("content-type", "text/plain; charset=utf-8");
    response.body(Full::new(text.into())).unwrap()
}
