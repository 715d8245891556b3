//! `GET session`.

use std::sync::Arc;

use http::StatusCode;
use http::header::HeaderValue;
use http::request::Parts;

use super::app::App;
use super::keep::{Answer, Use, keep};
use super::write::answer_with;
use crate::error::{GuardError, SessionError};
use crate::response::{self, Response};

/// `GET session`: who is signed in.
pub(crate) async fn session(
    app: &Arc<App>,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, SessionError> {
    let headers = &request.headers;
    let kept = keep(app, headers, Use::InPassing, app.clock.now()).await;
    match &kept.answer {
        Answer::Leave => {}
        Answer::Clear(_) => cookies.extend(app.config.cookies.clear_session(headers)),
        Answer::Write(session, used) => {
            answer_with(app, session, *used, headers, cookies).await;
        }
    }
    let session = kept.session.map_err(|error| match error {
        GuardError::StateUnavailable => SessionError::StateUnavailable,
        _ => SessionError::RefreshUnavailable,
    })?;
    let session = session.ok_or(SessionError::NoSession)?;
    Ok(response::json(StatusCode::OK, &session))
}
