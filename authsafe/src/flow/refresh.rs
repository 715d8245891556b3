//! `POST refresh`.

use http::StatusCode;
use http::header::HeaderValue;
use http::request::Parts;

use super::identity::{VerifyError, renewed_identity};
use super::write::write_session;
use crate::auth::App;
use crate::error::{ProviderError, RefreshError};
use crate::hooks::Event;
use crate::protocol::origin;
use crate::protocol::token::TokenError;
use crate::response::{self, Response};

/// `POST refresh`: new tokens for the session.
pub(crate) async fn refresh(
    app: &App,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, RefreshError> {
    if !origin::is_own(&request.headers, &app.config.app_url.origin()) {
        return Err(RefreshError::ForeignOrigin);
    }
    let session = app
        .session(&request.headers)
        .ok_or(RefreshError::NoSession)?;
    let old = session.tokens().ok_or(RefreshError::NoSession)?;
    let refresh_token = old.refresh.ok_or(RefreshError::NoRefreshToken)?;

    let metadata = app.provider.metadata(&app.config).await?;
    let refreshed = app
        .provider
        .refresh(&app.config, &metadata, &refresh_token)
        .await;
    let mut token_set = refreshed.map_err(|error| {
        tracing::warn!(%error, "the session was not refreshed");
        match error {
            TokenError::InvalidGrant => {
                cookies.extend(app.config.cookies.clear_session(&request.headers));
                RefreshError::SessionEnded
            }
            TokenError::Refused(_) | TokenError::Malformed(_) => ProviderError::BadAnswer.into(),
            TokenError::Transport(error) => error.into(),
        }
    })?;

    let identity = match renewed_identity(app, &metadata, &session, &token_set).await {
        Err(VerifyError::Invalid) => {
            cookies.extend(app.config.cookies.clear_session(&request.headers));
            return Err(RefreshError::InvalidIdToken);
        }
        identity => identity?,
    };
    // RFC 6749 §6: the provider may keep the refresh token that we have.
    token_set.tokens.refresh.get_or_insert(refresh_token);
    if token_set.tokens.id.is_none() {
        token_set.tokens.id = old.id;
    }
    let session = write_session(app, identity, token_set.tokens, &request.headers, cookies)?;
    app.emit(&Event::Refreshed { session: &session });
    Ok(response::json(StatusCode::OK, &session))
}
