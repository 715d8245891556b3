//! Sign-in with authsafe on actix-web: `cargo run --bin actix`.

#![allow(clippy::print_stdout, unreachable_pub)]

#[allow(dead_code)]
#[path = "quickstart/settings.rs"]
mod settings;

use std::error::Error;

use actix_web::web::{Html, Json, get};
use actix_web::{App, HttpServer};
use authsafe::{Session, Visitor, require_scope};

use settings::Settings;

/// The four endpoints under `/api/auth`, and what starts them.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    landing(scope("admin") => "/admin/dashboard", _ => "/dashboard"),
    client_secret = env("AUTHSAFE_CLIENT_SECRET", default = none),
)]
pub mod auth {}

/// Anybody may come in.
async fn home(Visitor(session): Visitor) -> Html {
    use auth::paths::{LOGOUT, SIGNIN};
    Html::new(match session {
        Some(_) => {
            format!(r#"<form method="post" action="{LOGOUT}"><button>Sign out</button></form>"#)
        }
        None => format!(r#"<a href="{SIGNIN}">Sign in</a>"#),
    })
}

/// Asking for a `Session` is the guard: who is signed out is sent to sign in and comes back.
async fn dashboard(session: Session) -> String {
    format!("Hello {}", session.user().display_name())
}

/// Alice may, Bob may not.
#[require_scope("admin")]
async fn admin_dashboard(session: Session) -> String {
    format!(
        "Hello {}, you may do everything",
        session.user().display_name()
    )
}

/// The session's public fields; never a token.
async fn me(session: Session) -> Json<Session> {
    Json(session)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    settings::log();
    let settings = Settings::read().await?;
    let auth = auth::from_vars(|name| settings.var(name)).await?;

    println!("{settings}");
    let Settings { listener, .. } = settings;
    let app = move || {
        App::new()
            .route("/", get().to(home))
            .route("/dashboard", get().to(dashboard))
            .route("/admin/dashboard", get().to(admin_dashboard))
            .route("/me", get().to(me))
            .configure(auth.configure())
            .wrap(auth.middleware())
    };
    HttpServer::new(app)
        .listen(listener.into_std()?)?
        .run()
        .await?;
    Ok(())
}
