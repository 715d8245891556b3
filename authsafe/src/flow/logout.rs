//! `POST logout`.

use std::sync::Arc;

use http::StatusCode;
use http::header::{ACCEPT, HeaderMap, HeaderValue};
use http::request::Parts;
use serde::Serialize;

use super::app::App;
use crate::error::LogoutError;
use crate::hooks::Event;
use crate::protocol::authorize::SignInQuery;
use crate::protocol::{logout as rp_logout, origin};
use crate::response::{self, Response};

/// `POST logout`: ends the session here, at once, and at the provider, in its own time.
pub(crate) async fn logout(
    app: &Arc<App>,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, LogoutError> {
    if !origin::is_own(&request.headers, &app.config.app_url.origin()) {
        return Err(LogoutError::ForeignOrigin);
    }
    cookies.extend(app.config.cookies.clear_session(&request.headers));
    let session = app
        .session(&request.headers)
        .ok_or(LogoutError::NoSession)?;
    // Whoever kept the cookie is signed out with it.
    let told = app.end_session(session.id().0).await;
    if told.is_err() && app.spec.shared_state.fail_closed {
        return Err(LogoutError::StateUnavailable);
    }
    let tokens = session.tokens();
    app.emit(&Event::SignedOut { session: &session });

    let (refresh_token, id_token) = tokens.map_or((None, None), |it| (it.refresh, it.id));
    if let Some(refresh_token) = refresh_token {
        let app = Arc::clone(app);
        tokio::spawn(async move { app.provider.revoke(&app.config, &refresh_token).await });
    }

    let query = SignInQuery::parse(request.uri.query().unwrap_or_default());
    let end_session = app.provider.known_metadata().and_then(|metadata| {
        let hint = id_token.as_ref().map(|token| token.expose_secret());
        let back = app.config.app_url.join(app.spec.after_logout);
        let endpoint = metadata.end_session.as_ref()?;
        Some(rp_logout::end_session(
            endpoint,
            &app.config.client_id,
            hint,
            &back,
        ))
    });
    let target = match (&end_session, &query.return_to) {
        (Some(url), _) => url.as_str(),
        (None, Some(return_to)) => return_to.as_str(),
        (None, None) => app.spec.after_logout,
    };
    Ok(if wants_json(&request.headers) {
        let body = RedirectTo {
            redirect_to: target,
        };
        response::json(StatusCode::OK, &body)
    } else {
        response::see_other(target)
    })
}

/// The answer to a logout by `fetch`.
#[derive(Serialize)]
struct RedirectTo<'a> {
    #[serde(rename = "redirectTo")]
    redirect_to: &'a str,
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).map_or(&b""[..], HeaderValue::as_bytes);
    let holds = |kind: &[u8]| accept.windows(kind.len()).any(|window| window == kind);
    holds(b"application/json") && !holds(b"text/html")
}
