//! The devices on which somebody is signed in, and ending what goes on there: `cargo run --bin devices`.

#![allow(clippy::print_stdout, unreachable_pub)]

mod list;
mod pages;

#[path = "../../frame.rs"]
mod frame;
#[allow(dead_code)]
#[path = "../quickstart/settings.rs"]
mod settings;

use std::error::Error;
use std::net::SocketAddr;

use authsafe::hooks::Event;
use authsafe::session::SessionId;
use authsafe::store::StateError;
use authsafe::{Auth, Session, SessionData, require};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use list::Devices;
use settings::Settings;

/// The four endpoints under `/api/auth`.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access"),
    landing(_ => "/devices"),
    client_secret = env("AUTHSAFE_CLIENT_SECRET", default = none),
    session(max_age = "30d"),
)]
pub mod auth {}

/// The name of what the next page shows once.
const FLASH: &str = "flash";

/// Writes down on which device each session is. It runs within the session layer.
async fn seen(
    State(devices): State<Devices>,
    session: Option<Session>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(session) = session {
        let agent = request.headers().get(header::USER_AGENT);
        let agent = agent.and_then(|it| it.to_str().ok()).unwrap_or_default();
        devices.seen(&session, agent);
    }
    next.run(request).await
}

/// Forgets sessions that have ended.
fn forgetting(auth: Auth, devices: Devices) -> Auth {
    auth.on_event(move |event| match event {
        Event::SignedOut { session, .. } => devices.forget(session.id()),
        Event::Revoked {
            session: Some(session),
            ..
        } => devices.forget(*session),
        Event::Revoked {
            user_id: Some(user),
            ..
        } => devices.forget_all_of(user),
        _ => {}
    })
}

/// Other machines cannot be told now. There are none while no state is shared.
struct NotTold;

impl From<StateError> for NotTold {
    fn from(error: StateError) -> Self {
        tracing::error!(%error, "not ended on all machines");
        Self
    }
}

impl IntoResponse for NotTold {
    fn into_response(self) -> Response {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

async fn home(session: Option<Session>) -> Html<String> {
    pages::home(session.as_ref())
}

async fn devices(State(devices): State<Devices>, data: SessionData) -> Html<String> {
    let session = data.session();
    let flash: Option<String> = data.take(FLASH);
    pages::devices(session, &devices.of(session.user().id()), flash.as_deref())
}

/// Nobody ends what is somebody else's.
#[authsafe::policy]
async fn is_own(session: &Session, State(devices): State<Devices>, Path(id): Path<String>) -> bool {
    let id = id.parse::<SessionId>();
    id.is_ok_and(|id| devices.has(session.user().id(), id))
}

/// Ends one session: its cookies are good for nothing from now on.
#[require(policy = is_own)]
async fn end(auth: Auth, Path(id): Path<String>, data: SessionData) -> Result<Redirect, NotTold> {
    if let Ok(id) = id.parse() {
        auth.revoke_session(id).await?;
    }
    let _ = data.set(FLASH, &"That device is signed out.");
    Ok(Redirect::to("/devices"))
}

/// Ends all sessions of the user, this one too.
async fn end_all(auth: Auth, session: Session) -> Result<Redirect, NotTold> {
    auth.revoke_user(session.user().id()).await?;
    Ok(Redirect::to("/"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    settings::log();
    let settings = Settings::read().await?;
    let list = Devices::default();
    let auth = auth::from_vars(|name| settings.var(name)).await?;
    let auth = forgetting(auth, list.clone());
    let app = Router::new()
        .route("/", get(home))
        .route("/devices", get(devices))
        .route("/devices/{id}/end", post(end))
        .route("/devices/end", post(end_all))
        .route("/style.css", get(frame::style))
        .fallback(frame::not_found)
        .layer(from_fn_with_state(list.clone(), seen))
        .with_state(list)
        .merge(auth.router())
        .layer(map_response(frame::headers))
        .layer(auth.layer());

    // Its first lines are true of this app as well; it has other pages.
    for line in settings.to_string().lines().take(4) {
        println!("{line}");
    }
    println!(
        "\nSign in from two browsers as the same person, and end one from the other. Ctrl-C stops it."
    );
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(settings.listener, app).await?;
    Ok(())
}
