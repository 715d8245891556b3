//! An administration: who has signed in, ending all their sessions, and keeping somebody out:
//! `cargo run --bin admin`.

#![allow(clippy::print_stdout, unreachable_pub)]

mod pages;
mod people;

#[path = "../../frame.rs"]
mod frame;
#[allow(dead_code)]
#[path = "../quickstart/settings.rs"]
mod settings;

use std::error::Error;
use std::net::SocketAddr;

use authsafe::Session;
use authsafe::hooks::{Event, NewSession, SignInRefused};
use authsafe::store::StateError;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::Html;
use axum::routing::{get, post};

use people::People;
use settings::Settings;

/// The four endpoints under `/api/auth`.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access"),
    roles("admin"),
    landing(role("admin") => "/people", _ => "/"),
    client_secret = env("AUTHSAFE_CLIENT_SECRET", default = none),
)]
pub mod auth {}

async fn home(session: Option<Session>) -> Html<String> {
    pages::home(session.as_ref())
}

/// Other machines cannot be told now. There are none while no state is shared.
fn not_told(error: StateError) -> StatusCode {
    tracing::error!(%error, "not ended on all machines");
    StatusCode::SERVICE_UNAVAILABLE
}

/// Each of these is for admins, and for those who proved a short while ago that they are.
#[authsafe::require_role("admin")]
#[authsafe::require_recent(max_age = "15m")]
mod administration {
    use authsafe::{Auth, SessionData};
    use axum::extract::State;
    use axum::http::StatusCode;
    use axum::response::{Html, Redirect};

    use super::frame::field;
    use super::people::People;
    use super::{not_told, pages};

    /// The name of what the next page shows once.
    const FLASH: &str = "flash";

    pub async fn list(State(people): State<People>, data: SessionData) -> Html<String> {
        let flash: Option<String> = data.take(FLASH);
        pages::people(data.session(), &people.all(), flash.as_deref())
    }

    /// Ends all sessions of somebody. They may sign in again.
    pub async fn sign_out(
        auth: Auth,
        data: SessionData,
        form: String,
    ) -> Result<Redirect, StatusCode> {
        let user = field(&form, "user");
        auth.revoke_user(&user).await.map_err(not_told)?;
        let _ = data.set(FLASH, &format!("{} is signed out everywhere.", user));
        Ok(Redirect::to("/people"))
    }

    /// Ends all sessions of somebody, and lets them in no more.
    pub async fn block(
        auth: Auth,
        State(people): State<People>,
        data: SessionData,
        form: String,
    ) -> Result<Redirect, StatusCode> {
        let user = field(&form, "user");
        if user == data.session().user().id() {
            let _ = data.set(FLASH, &"Nobody blocks themselves.");
            return Ok(Redirect::to("/people"));
        }
        // First: a sign-in between the two would not be ended.
        people.block(&user, true);
        auth.revoke_user(&user).await.map_err(not_told)?;
        let _ = data.set(FLASH, &format!("{} is blocked.", user));
        Ok(Redirect::to("/people"))
    }

    pub async fn unblock(
        State(people): State<People>,
        data: SessionData,
        form: String,
    ) -> Redirect {
        let user = field(&form, "user");
        people.block(&user, false);
        let _ = data.set(FLASH, &format!("{} may sign in again.", user));
        Redirect::to("/people")
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    settings::log();
    let settings = Settings::read().await?;
    let people = People::default();
    let auth = auth::from_vars(|name| settings.var(name)).await?;
    let (asked, told) = (people.clone(), people.clone());
    let auth = auth
        .on_sign_in(move |new: NewSession| {
            let is_blocked = asked.is_blocked(new.session().user().id());
            async move {
                match is_blocked {
                    true => Err(SignInRefused::because("Your account is blocked here.")),
                    false => Ok(new),
                }
            }
        })
        .on_event(move |event| {
            if let Event::SignedIn { session, .. } = event {
                told.signed_in(session);
            }
        });
    let app = Router::new()
        .route("/", get(home))
        .route("/people", get(administration::list))
        .route("/people/sign-out", post(administration::sign_out))
        .route("/people/block", post(administration::block))
        .route("/people/unblock", post(administration::unblock))
        .route("/style.css", get(frame::style))
        .fallback(frame::not_found)
        .with_state(people)
        .merge(auth.router())
        .layer(map_response(frame::headers))
        .layer(auth.layer());

    // Its first lines are true of this app as well; it has other pages.
    for line in settings.to_string().lines().take(4) {
        println!("{line}");
    }
    println!(
        "\nSign in as Bob in one browser, and as Alice, who is an admin, in another. Ctrl-C stops it."
    );
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(settings.listener, app).await?;
    Ok(())
}
