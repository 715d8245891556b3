//! `GET session`.

use std::sync::Arc;

use http::StatusCode;
use http::header::HeaderValue;
use http::request::Parts;

use super::app::App;
use super::authenticate::authenticate;
use super::why::Why;
use crate::endpoint::ClientAddr;
use crate::error::{GuardError, SessionError};
use crate::lifecycle::Activity;
use crate::response::{self, Response};

/// `GET session`: who is signed in.
pub(crate) async fn session(
    app: &Arc<App>,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
    why: &Why,
) -> Result<Response, SessionError> {
    let headers = &request.headers;
    let found = authenticate(
        app,
        request,
        ClientAddr::of,
        Activity::Polling,
        app.clock.now(),
    )
    .await;
    let answer = app.sessions.answer(found.action, Vec::new(), headers);
    cookies.extend(answer.cookies().await);
    if let (Err(_), Some(cause)) = (&found.session, found.why.as_ref().and_then(Why::told)) {
        why.note(cause);
    }
    let session = found.session.map_err(|error| match error {
        GuardError::StateUnavailable => SessionError::StateUnavailable,
        _ => SessionError::RefreshUnavailable,
    })?;
    let session = session.ok_or(SessionError::NoSession)?;
    Ok(response::json(StatusCode::OK, &session))
}
