mod pages;
#[cfg(test)]
mod tests;

use std::env;
use std::error::Error;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::ContentType;
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{Html, Json, get, to};
use actix_web::{App, HttpResponse, HttpServer};
use authsafe::{Auth, Session, Visitor, require_role};
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

/// Anybody may come in; whoever is signed in is greeted.
async fn home(Visitor(session): Visitor) -> Html {
    Html::new(pages::home(session.as_ref()))
}

/// Asking for a `Session` is the guard: who is signed out is sent to sign in, and comes back.
async fn dashboard(session: Session) -> Html {
    Html::new(pages::dashboard(&session))
}

#[require_role("admin")]
async fn admin(session: Session) -> Html {
    Html::new(pages::admin(&session))
}

/// The session's public fields; never a token.
async fn me(session: Session) -> Json<Session> {
    Json(session)
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .body(pages::STYLE)
}

async fn not_found() -> HttpResponse {
    HttpResponse::NotFound()
        .content_type(ContentType::html())
        .body(pages::not_found())
}

fn app(
    auth: Auth,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let headers = pages::HEADERS.into_iter();
    App::new()
        .route("/", get().to(home))
        .route("/dashboard", get().to(dashboard))
        .route("/admin", get().to(admin))
        .route("/api/me", get().to(me))
        .route("/style.css", get().to(style))
        .default_service(to(not_found))
        .configure(auth.configure())
        .wrap(headers.fold(DefaultHeaders::new(), DefaultHeaders::add))
        .wrap(auth.middleware())
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
    let server = HttpServer::new(move || app(auth.clone())).bind(&listen)?;
    println!(
        "Open {}. Ctrl-C stops the app.",
        env::var("APP_URL").unwrap_or(listen)
    );
    server.run().await?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // Before there are threads. What the environment has goes before what the file has.
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => return Err(error.into()),
        _ => serve(),
    }
}
