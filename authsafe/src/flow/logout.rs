//! `POST logout`.

use std::sync::Arc;

use http::StatusCode;
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use http::request::Parts;
use serde::Serialize;
use url::form_urlencoded;

use super::app::App;
use crate::error::LogoutError;
use crate::hooks::Event;
use crate::protocol::authorize::SignInQuery;
use crate::protocol::{end_session, origin};
use crate::response::{self, Response};
use crate::session::Session;
use crate::store::StateError;

/// `POST logout`: ends the session here, at once, and at the provider, in its own time.
pub(crate) async fn logout(
    app: &Arc<App>,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, LogoutError> {
    if !origin::is_own(&request.headers, &app.config.app_url.origin()) {
        return Err(LogoutError::ForeignOrigin);
    }
    let result = end_and_go(app, request).await;
    // Not the cookie of another session, which the browser has got since it asked.
    let keeps_cookie = matches!(result, Err(LogoutError::StateUnavailable)) && must_be_told(app);
    if !keeps_cookie && !is_late(app, &request.headers).await {
        cookies.extend(app.config.cookies.clear_session(&request.headers));
    }
    result
}

/// Returns whether each session that a request came with has been replaced by another.
async fn is_late(app: &App, request: &HeaderMap) -> bool {
    let ids = app.session_ids(request);
    for id in &ids {
        if !app.is_replaced(*id).await {
            return false;
        }
    }
    !ids.is_empty()
}

async fn end_and_go(app: &Arc<App>, request: &Parts) -> Result<Response, LogoutError> {
    let mut sessions = match app.sessions(&request.headers).await {
        Ok(sessions) => sessions,
        Err(_) => {
            // The store does not answer. Here the session ends all the same, by its ticket, and
            // elsewhere if it can be told.
            for ticket in app.tickets(&request.headers) {
                let _ = app.end_session(ticket.id).await;
            }
            return Err(LogoutError::StateUnavailable);
        }
    };
    let session = match sessions.pop() {
        Some(session) if sessions.is_empty() => session,
        others => {
            // Of several, somebody has planted one: none counts, and none is left to count.
            for session in sessions.into_iter().chain(others) {
                let _ = end(app, session).await;
            }
            return Err(LogoutError::NoSession);
        }
    };
    let id_token = session.tokens().and_then(|tokens| tokens.id);
    let is_told = end(app, session).await.is_ok();
    if !is_told && must_be_told(app) {
        return Err(LogoutError::StateUnavailable);
    }
    // A record that could not be deleted may be read by other machines.
    if !is_told && app.store.is_some() {
        return Err(LogoutError::StateUnavailable);
    }

    let written = request.uri.query().unwrap_or_default();
    let query = SignInQuery::parse(written);
    let state = form_urlencoded::parse(written.as_bytes())
        .find_map(|(name, value)| (name == "state").then_some(value));
    let end_session = app.provider.known_metadata().and_then(|metadata| {
        let hint = id_token.as_ref().map(|token| token.expose_secret());
        let back = app.config.app_url.join(app.spec.after_logout);
        let endpoint = metadata.end_session.as_ref()?;
        Some(end_session::request(
            endpoint,
            &app.provider.client().id,
            hint,
            &back,
            state.as_deref(),
        ))
    });
    let target = match (&end_session, &query.return_to) {
        (Some(url), _) => url.as_str(),
        (None, Some(return_to)) => return_to.as_str(),
        (None, None) => app.spec.after_logout,
    };
    Ok(if wants_json(&request.headers) {
        let body = SignedOut {
            success: true,
            redirect_to: target,
        };
        response::json(StatusCode::OK, &body)
    } else {
        response::see_other(target)
    })
}

/// Where the other machines cannot be told, and the app wants them to be, nothing happens and the
/// user may try again.
fn must_be_told(app: &App) -> bool {
    app.store.is_none() && app.spec.shared_state.fail_closed
}

/// Ends the session on all machines: whoever kept the cookie is signed out with it. `Err`: others
/// could not be told.
async fn end(app: &Arc<App>, session: Session) -> Result<(), StateError> {
    let id = session.id().0;
    let told = if must_be_told(app) {
        app.tell_session_ended(id).await?;
        app.revoked.session(id);
        Ok(())
    } else {
        app.end_session(id).await
    };
    app.revoke_in_background(session.tokens().and_then(|tokens| tokens.refresh));
    app.emit(&Event::SignedOut { session: &session });
    told
}

/// The answer to a logout by `fetch`: the page goes there itself.
#[derive(Serialize)]
struct SignedOut<'a> {
    success: bool,
    #[serde(rename = "redirectTo")]
    redirect_to: &'a str,
}

/// Returns whether a script asks. One cannot follow a redirect to the provider, which is another origin; a
/// browser tells its calls from a form that is submitted (W3C Fetch Metadata §2.3). One that asks
/// for HTML all the same does what the browser would have done.
fn wants_json(headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).map(HeaderValue::as_bytes);
    let accept = header(ACCEPT.as_str()).unwrap_or_default();
    let holds = |kind: &[u8]| accept.windows(kind.len()).any(|window| window == kind);
    let is_call = header("sec-fetch-mode").is_some_and(|mode| mode != b"navigate");
    let is_script = is_call || header("x-requested-with").is_some() || holds(b"application/json");
    is_script && !holds(b"text/html")
}
