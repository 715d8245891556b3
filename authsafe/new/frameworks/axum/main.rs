mod pages;
#[cfg(test)]
mod tests;

use std::env;
use std::error::Error;
use std::net::SocketAddr;

use authsafe::{Auth, Session, require_role};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;
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
async fn home(session: Option<Session>) -> Html<String> {
    Html(pages::home(session.as_ref()))
}

/// Asking for a `Session` is the guard: who is signed out is sent to sign in, and comes back.
async fn dashboard(session: Session) -> Html<String> {
    Html(pages::dashboard(&session))
}

#[require_role("admin")]
async fn admin(session: Session) -> Html<String> {
    Html(pages::admin(&session))
}

/// The session's public fields; never a token.
async fn me(session: Session) -> Json<Session> {
    Json(session)
}

async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        pages::STYLE,
    )
}

async fn not_found() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, Html(pages::not_found()))
}

async fn headers(mut response: Response) -> Response {
    for (name, value) in pages::HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

fn app(auth: Auth) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/dashboard", get(dashboard))
        .route("/admin", get(admin))
        .route("/api/me", get(me))
        .route("/style.css", get(style))
        .fallback(not_found)
        .merge(auth.router())
        .layer(map_response(headers))
        .layer(auth.layer())
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
    // With the address of each client, for limits that count them.
    let app = app(auth).into_make_service_with_connect_info::<SocketAddr>();
    let stop = async { drop(tokio::signal::ctrl_c().await) };
    axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // Before there are threads. What the environment has goes before what the file has.
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => return Err(error.into()),
        _ => serve(),
    }
}
