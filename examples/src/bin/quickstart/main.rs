//! Sign-in with authsafe, end to end, with nothing to configure: `cargo run --bin quickstart`.

#![allow(clippy::print_stdout, clippy::print_stderr, unreachable_pub)]

#[path = "../../frame.rs"]
mod frame;
mod pages;
mod settings;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use authsafe::{Session, require_role, require_scope};
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};

use settings::Settings;

/// The four endpoints under `/api/auth`, and what starts them.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    landing(scope("admin") => "/admin/dashboard", _ => "/dashboard"),
    client_secret = env("AUTHSAFE_CLIENT_SECRET", default = none),
    on_error = pages::error,
)]
pub mod auth {}

/// Anybody may come in; whoever is signed in is greeted.
async fn home(session: Option<Session>) -> Html<String> {
    pages::home(session.as_ref())
}

/// Asking for a `Session` is the guard: who is signed out is sent to sign in and comes back.
async fn dashboard(session: Session) -> Html<String> {
    pages::dashboard(&session)
}

/// Alice may, Bob may not.
#[require_scope("admin")]
async fn admin_dashboard(session: Session) -> Html<String> {
    pages::admin(&session)
}

/// A role is what the provider says of a person, in its tokens.
#[require_role("admin")]
async fn staff(session: Session) -> Html<String> {
    pages::staff(&session)
}

/// The session's public fields; never a token.
async fn me(session: Session) -> Json<Session> {
    Json(session)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let settings = Settings::read().await?;
    let auth = auth::from_vars(|name| settings.var(name)).await?;

    let app = Router::new()
        .route("/", get(home))
        .route("/dashboard", get(dashboard))
        .route("/admin/dashboard", get(admin_dashboard))
        .route("/staff", get(staff))
        .route("/me", get(me))
        .route("/style.css", get(frame::style))
        .fallback(frame::not_found)
        .merge(auth.router())
        .layer(axum::middleware::map_response(frame::headers))
        .layer(auth.layer());

    println!("{settings}");
    let Settings { listener, .. } = settings;
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args()
        .skip(1)
        .any(|arg| arg == "--help" || arg == "-h")
    {
        println!("{}", settings::HELP);
        return ExitCode::SUCCESS;
    }
    settings::log();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}
