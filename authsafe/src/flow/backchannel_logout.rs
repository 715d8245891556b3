//! `POST` to the back-channel logout endpoint, by the provider.

use std::sync::Arc;

use http::header::{CONTENT_TYPE, HeaderMap};
use http::request::Parts;
use jsonwebtoken::jwk::JwkSet;
use url::form_urlencoded;

use super::across::hash;
use super::app::App;
use crate::error::{BackchannelLogoutError, ProviderError};
use crate::hooks::Event;
use crate::protocol::logout_token::{self, Ends, Expected, LogoutToken};
use crate::response::{self, Response};

/// OpenID Connect Back-Channel Logout 1.0 §2.5: ends the sessions that the logout token names.
///
/// No browser calls this, so it reads no cookie, and whose page asked is no question.
pub(crate) async fn backchannel_logout(
    app: &Arc<App>,
    request: &Parts,
    body: &[u8],
) -> Result<Response, BackchannelLogoutError> {
    if !is_form(&request.headers) {
        return Err(BackchannelLogoutError::InvalidRequest);
    }
    let token = logout_token(body).ok_or(BackchannelLogoutError::InvalidRequest)?;
    let LogoutToken { jti, ends } = verify(app, &token).await?;
    let label = format!("logout:{}", hash(&jti));
    if !is_first_use(app, &label).await? {
        return Err(BackchannelLogoutError::AlreadyUsed);
    }
    // §2.8: a logout that did not reach every machine is one that failed.
    let ended = match &ends {
        Ends::User { sub } => app.end_user(sub).await,
        Ends::ProviderSession { sid, .. } => app.end_provider_session(sid).await,
    };
    let (user_id, provider_session) = match &ends {
        Ends::User { sub } => (Some(sub.as_str()), None),
        Ends::ProviderSession { sid, sub } => (sub.as_deref(), Some(sid.as_str())),
    };
    app.emit(&Event::BackchannelLogout {
        user_id,
        provider_session,
    });
    if ended.is_err() {
        // The provider may try again with the same token: ending twice does no harm.
        app.logout_tokens.forget(&label);
        if let Some(across) = app.across() {
            across.forget_use(&label).await;
        }
        return Err(BackchannelLogoutError::StateUnavailable);
    }
    Ok(response::empty())
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let kind = kind.and_then(|it| it.split(';').next()).unwrap_or_default();
    kind.trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The one `logout_token`; other values are ignored (§2.5).
fn logout_token(body: &[u8]) -> Option<String> {
    let mut tokens = form_urlencoded::parse(body).filter(|(name, _)| name == "logout_token");
    let (_, token) = tokens.next()?;
    tokens.next().is_none().then(|| token.into_owned())
}

async fn verify(app: &App, token: &str) -> Result<LogoutToken, BackchannelLogoutError> {
    let unavailable = |error: ProviderError| {
        tracing::error!(%error, "a logout token cannot be checked");
        BackchannelLogoutError::KeysUnavailable
    };
    let provider = &app.provider;
    let metadata = provider.metadata(&app.config).await.map_err(unavailable)?;
    let check = |keys: &JwkSet| {
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &app.config.client_id,
            algorithms: &metadata.algorithms,
            now: app.clock.now(),
        };
        logout_token::verify(token, keys, &expected)
    };
    let verified = provider.check(&metadata, check).await;
    verified.map_err(unavailable)?.map_err(|error| {
        tracing::warn!(%error, "a logout token was refused");
        BackchannelLogoutError::InvalidLogoutToken
    })
}

/// Each logout token ends sessions once, on whatever machine: shown again, it would end those
/// that have begun since.
async fn is_first_use(app: &App, label: &str) -> Result<bool, BackchannelLogoutError> {
    if let Some(across) = app.across() {
        match across.is_first_use(label, logout_token::MEMORY).await {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            // Nothing has happened yet: the provider may try again with the same token.
            Err(_) if app.spec.shared_state.fail_closed => {
                return Err(BackchannelLogoutError::StateUnavailable);
            }
            // This process knows its own.
            Err(_) => {}
        }
    }
    Ok(app.logout_tokens.is_first_use(label))
}
