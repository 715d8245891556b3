//! `POST refresh`.

use std::sync::Arc;

use http::StatusCode;
use http::header::HeaderValue;
use http::request::Parts;

use super::app::App;
use super::keep::Use;
use super::renew::renew;
use super::write::answer_with;
use crate::error::RefreshError;
use crate::protocol::origin;
use crate::response::{self, Response};
use crate::state::Standing;

/// `POST refresh`: new tokens for the session.
pub(crate) async fn refresh(
    app: &Arc<App>,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, RefreshError> {
    if !origin::is_own(&request.headers, &app.config.app_url.origin()) {
        return Err(RefreshError::ForeignOrigin);
    }
    let session = app.session(&request.headers).await;
    let session = session.map_err(|_| RefreshError::StateUnavailable)?;
    let session = session.ok_or(RefreshError::NoSession)?;
    let session = app.current(session, app.clock.now()).await;
    let session = session.map_err(|_| RefreshError::StateUnavailable)?;
    let session = session.ok_or(RefreshError::NoSession)?;
    let renewed = match renew(app, &session).await {
        Err(error) if error.ends_session() => {
            if app.may_remove(&session).await {
                cookies.extend(app.config.cookies.clear_session(&request.headers));
            }
            return Err(error);
        }
        renewed => renewed?,
    };
    let session = &renewed.session;
    let is_stored = session.stored().is_some();
    answer_with(app, session, Use::Counts, &request.headers, cookies).await;
    match renewed.lacking {
        Some(error) => Err(error.into()),
        None if cookies.is_empty() && !is_stored => {
            // Or it has ended meanwhile.
            let now = app.clock.now();
            match app.judged(session.clone(), now).await {
                Ok(Some((it, Standing::Current))) if app.is_alive(&it) => {
                    Err(RefreshError::SessionTooLarge)
                }
                // The answer to a later refresh brings the cookie.
                Ok(Some((it, _))) if app.is_alive(&it) => {
                    Ok(response::json(StatusCode::OK, session))
                }
                _ => Err(RefreshError::SessionEnded),
            }
        }
        None => Ok(response::json(StatusCode::OK, session)),
    }
}
