//! Notes in SQLite, with people of the app's own, roles, a policy, an API and an audit log:
//! `cargo run --bin notes`.

#![allow(clippy::print_stdout, unreachable_pub)]

mod db;
mod pages;

#[path = "../../frame.rs"]
mod frame;
#[allow(dead_code)]
#[path = "../quickstart/settings.rs"]
mod settings;

use std::env;
use std::error::Error;
use std::net::SocketAddr;

use authsafe::hooks::{Event, NewSession, SignInRefused};
use authsafe::{Auth, Decision, Session, SessionData, require, require_role};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use tokio::sync::mpsc;

use db::{Db, Note};
use settings::Settings;

/// The four endpoints under `/api/auth`. The API takes access tokens for its own audience too.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access"),
    roles("admin"),
    landing(_ => "/notes"),
    client_secret = env("AUTHSAFE_CLIENT_SECRET", default = none),
    bearer(audience = env("API_AUDIENCE", default = "https://notes.example.com")),
)]
pub mod auth {}

/// The name under which a session has the id that its person has here.
const PERSON: &str = "person";
/// The name of what the next page shows once.
const FLASH: &str = "flash";

/// Gives each person a row, and the session its id.
fn with_people(auth: Auth, db: Db) -> Auth {
    auth.on_sign_in(move |mut new: NewSession| {
        let db = db.clone();
        async move {
            let person = db.person(new.session().user()).await;
            let person =
                person.map_err(|_| SignInRefused::because("Please try again in a minute."))?;
            new.set(PERSON, &person).map_err(|_| SignInRefused)?;
            Ok(new)
        }
    })
}

/// Writes what happens into the database. The hook does not wait: it sends, and a task writes.
fn with_audit(auth: Auth, db: Db) -> Auth {
    let (sender, mut receiver) = mpsc::unbounded_channel::<String>();
    tokio::spawn(async move {
        while let Some(line) = receiver.recv().await {
            if let Err(error) = db.record(&line).await {
                tracing::error!(%error, line, "not in the audit log");
            }
        }
    });
    auth.on_event(move |event| {
        let line = match event {
            Event::SignedIn { session, .. } => format!("{} signed in", session.user().id()),
            Event::SignedOut { session, .. } => format!("{} signed out", session.user().id()),
            Event::Refused {
                user_id: Some(user),
                method,
                path,
                reason,
                ..
            } => {
                let reason = reason.map_or(String::new(), |it| format!(": {it}"));
                format!("{user} was refused at {method} {path}{reason}")
            }
            _ => return,
        };
        let _ = sender.send(line);
    })
}

/// The database does not answer. The log says why; whoever asked is told no more.
struct Failed;

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "the database");
        Self
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::SERVICE_UNAVAILABLE, pages::failed()).into_response()
    }
}

/// The id that somebody has here. A token is no sign-in: its session has no data.
async fn person(db: &Db, session: &Session) -> Result<i64, sqlx::Error> {
    match session.get(PERSON) {
        Some(person) => Ok(person),
        None => db.person(session.user()).await,
    }
}

async fn home(session: Option<Session>) -> Html<String> {
    pages::home(session.as_ref())
}

async fn notes(State(db): State<Db>, data: SessionData) -> Result<Html<String>, Failed> {
    let session = data.session();
    let notes = db.notes(Some(person(&db, session).await?)).await?;
    let flash: Option<String> = data.take(FLASH);
    Ok(pages::notes(session, &notes, flash.as_deref()))
}

/// Everybody's notes, for admins.
#[require_role("admin")]
async fn all(State(db): State<Db>, data: SessionData) -> Result<Html<String>, Failed> {
    let flash: Option<String> = data.take(FLASH);
    Ok(pages::all(
        data.session(),
        &db.notes(None).await?,
        flash.as_deref(),
    ))
}

#[require_role("admin")]
async fn audit(State(db): State<Db>, session: Session) -> Result<Html<String>, Failed> {
    Ok(pages::audit(&session, &db.records().await?))
}

/// A form of another site's page does not get here: a guard asks where a change comes from.
async fn write(State(db): State<Db>, data: SessionData, form: String) -> Result<Redirect, Failed> {
    let text = frame::field(&form, "text");
    let text = text.trim();
    let said = match text.chars().count() {
        0 => "There was nothing to keep.",
        1..=500 => {
            let owner = person(&db, data.session()).await?;
            db.write(owner, text).await?;
            "The note is kept."
        }
        _ => "A note has 500 letters at the most.",
    };
    say(&data, said);
    Ok(Redirect::to("/notes"))
}

/// Whoever wrote a note may delete it, and an admin may.
#[authsafe::policy]
async fn may_delete(session: &Session, State(db): State<Db>, Path(note): Path<i64>) -> Decision {
    if session.has_role("admin") {
        return Decision::allow();
    }
    match db.owner_of(note).await {
        Ok(owner) if owner.is_some() && owner == session.get(PERSON) => Decision::allow(),
        Ok(_) => Decision::deny_because("somebody else's note"),
        Err(error) => Decision::unavailable(error.to_string()),
    }
}

#[require(policy = may_delete)]
async fn delete(
    State(db): State<Db>,
    Path(note): Path<i64>,
    data: SessionData,
) -> Result<Redirect, Failed> {
    let is_own = db.owner_of(note).await? == data.session().get(PERSON);
    db.delete(note).await?;
    say(&data, "The note is deleted.");
    Ok(Redirect::to(if is_own { "/notes" } else { "/all" }))
}

/// For the next page, once.
fn say(data: &SessionData, text: &str) {
    if let Err(error) = data.set(FLASH, &text) {
        tracing::error!(%error, "not said");
    }
}

/// For browsers with a session and for clients with a token.
async fn api_notes(State(db): State<Db>, session: Session) -> Result<Json<Vec<Note>>, Failed> {
    Ok(Json(db.notes(Some(person(&db, &session).await?)).await?))
}

#[derive(Deserialize)]
struct NewNote {
    text: String,
}

async fn api_write(
    State(db): State<Db>,
    session: Session,
    Json(note): Json<NewNote>,
) -> Result<StatusCode, Failed> {
    let owner = person(&db, &session).await?;
    db.write(owner, note.text.trim()).await?;
    Ok(StatusCode::CREATED)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    settings::log();
    let settings = Settings::read().await?;
    let db =
        Db::open(&env::var("NOTES_DB").unwrap_or_else(|_| "sqlite::memory:".to_owned())).await?;
    let auth = auth::from_vars(|name| settings.var(name)).await?;
    let auth = with_audit(with_people(auth, db.clone()), db.clone());
    let app = Router::new()
        .route("/", get(home))
        .route("/notes", get(notes).post(write))
        .route("/notes/{note}/delete", post(delete))
        .route("/all", get(all))
        .route("/audit", get(audit))
        .route("/api/notes", get(api_notes).post(api_write))
        .route("/style.css", get(frame::style))
        .fallback(frame::not_found)
        .with_state(db)
        .merge(auth.router())
        .layer(axum::middleware::map_response(frame::headers))
        .layer(auth.layer());

    // Its first lines are true of this app as well; it has other pages.
    for line in settings.to_string().lines().take(4) {
        println!("{line}");
    }
    println!(
        "\nOpen the app. Alice is an admin: she sees all notes, and what happened. Ctrl-C stops it."
    );
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(settings.listener, app).await?;
    Ok(())
}
