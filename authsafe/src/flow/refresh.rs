//! `POST refresh`.

use std::sync::Arc;

use http::StatusCode;
use http::header::HeaderValue;
use http::request::Parts;

use super::app::App;
use super::renew::renew;
use super::why::Why;
use crate::endpoint::ClientAddr;
use crate::error::RefreshError;
use crate::lifecycle::{Activity, CookieAction};
use crate::response::{self, Response};
use crate::state::Standing;

/// `POST refresh`: new tokens for the session.
pub(crate) async fn refresh(
    app: &Arc<App>,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
    why: &Why,
) -> Result<Response, RefreshError> {
    if !app.config.origins.made(&request.headers) {
        return Err(RefreshError::ForeignOrigin);
    }
    let peer = ClientAddr::of(&request.extensions);
    let (sessions, now) = (&app.sessions, app.clock.now());
    let session = sessions.find(&request.headers, now).await;
    let session = session.map_err(|_| RefreshError::StateUnavailable)?;
    let session = session.ok_or(RefreshError::NoSession)?;
    let renewed = match renew(app, request, peer, &session, why).await {
        Err(error) if error.ends_session() => {
            if sessions.may_remove(&session).await {
                cookies.extend(sessions.remove_cookies(&request.headers));
            }
            return Err(error);
        }
        renewed => renewed?,
    };
    let session = &renewed.session;
    let is_stored = session.stored().is_some();
    let action = CookieAction::Write(session.clone(), Activity::User);
    let answer = sessions.answer(action, Vec::new(), &request.headers);
    cookies.extend(answer.cookies().await);
    match renewed.lacking {
        Some(error) => Err(error.into()),
        None if cookies.is_empty() && !is_stored => {
            // Or it has ended meanwhile.
            let now = app.clock.now();
            match sessions.judge(session.clone(), now).await {
                Ok(Some((it, Standing::Current))) if sessions.is_alive(&it) => {
                    Err(RefreshError::SessionTooLarge)
                }
                // The answer to a later refresh brings the cookie.
                Ok(Some((it, _))) if sessions.is_alive(&it) => {
                    Ok(response::json(StatusCode::OK, session))
                }
                _ => Err(RefreshError::SessionEnded),
            }
        }
        None => Ok(response::json(StatusCode::OK, session)),
    }
}
