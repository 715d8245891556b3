//! A single-page front end on axum, in plain JavaScript: `cargo run --bin spa`.

#![allow(clippy::print_stdout, unreachable_pub)]

mod page;

#[allow(dead_code)]
#[path = "../quickstart/settings.rs"]
mod settings;

use std::error::Error;
use std::net::SocketAddr;

use authsafe::{Session, require_auth, require_scope};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use settings::Settings;

/// The four endpoints under `/api/auth`, and `GET session` for the page's script.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    client_secret = env("AUTHSAFE_CLIENT_SECRET", default = none),
    paths(session = "session"),
    session(max_age = "8h", idle = "30m"),
)]
pub mod auth {}

/// For whoever is signed in; `fetch` is told 401 where nobody is.
#[require_auth]
async fn notes(session: Session) -> Json<Value> {
    let name = session.user().display_name();
    Json(json!([
        format!("Water the plants, {name}"),
        "Call the <b>plumber</b> & ask about Tuesday",
        "Bread, butter, a \"good\" cheese",
    ]))
}

/// Alice may, Bob is told 403.
#[require_scope("admin")]
async fn figures() -> Json<Value> {
    Json(json!(["People who signed in today: 2", "Notes written: 3"]))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    settings::log();
    let settings = Settings::read().await?;
    let auth = auth::from_vars(|name| settings.var(name)).await?;
    let app = Router::new()
        .route("/api/notes", get(notes))
        .route("/api/figures", get(figures))
        .merge(page::router())
        .merge(auth.router())
        .layer(auth.layer())
        .layer(axum::middleware::map_response(page::headers));

    // Its first lines are true of this app as well; it has one page, and no dashboards.
    for line in settings.to_string().lines().take(4) {
        println!("{line}");
    }
    println!("\nOpen the app and sign in as Alice, or as Bob. Ctrl-C stops both.");
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(settings.listener, app).await?;
    Ok(())
}
