//! `POST` to the back-channel logout endpoint, by the provider.

use core::time::Duration;
use std::sync::Arc;

use http::request::Parts;
use jsonwebtoken::jwk::JwkSet;
use url::form_urlencoded;

use super::app::App;
use super::form_callback::is_form;
use super::why::Why;
use crate::error::{BackchannelLogoutError, ProviderError};
use crate::protocol::logout_token::{self, Ends, Expected, LogoutToken};
use crate::provider::Sender;
use crate::response::{self, Response};
use crate::spec::Event;
use crate::state::{AllOf, hash};
use crate::store::StateError;
use crate::types::Subject;

/// How long a logout token counts as used while it is not known whether it has ended anything. Longer
/// than that takes; where a machine dies in the middle, the provider may try again after it.
const UNDER_WAY: Duration = Duration::from_secs(30);

/// OpenID Connect Back-Channel Logout 1.0 §2.5: ends the sessions that the logout token names.
///
/// No browser calls this, so it reads no cookie, and whose page asked is no question.
pub(crate) async fn backchannel_logout(
    app: &Arc<App>,
    request: &Parts,
    body: &[u8],
    why: &Why,
) -> Result<Response, BackchannelLogoutError> {
    if !is_form(&request.headers) {
        return Err(BackchannelLogoutError::InvalidRequest);
    }
    let token = logout_token(body).ok_or(BackchannelLogoutError::InvalidRequest)?;
    let LogoutToken { jti, ends } = verify(app, &token, why).await?;
    let label = format!("logout:{}", hash(&jti));
    if !is_first_use(app, &label).await? {
        return Err(BackchannelLogoutError::AlreadyUsed);
    }
    if let Ends::User { sub } | Ends::ProviderSession { sub: Some(sub), .. } = &ends {
        app.tell_of_spelling(sub);
    }
    // §2.8: a logout that did not reach every machine is one that failed.
    // The user's of which nobody knows whether they came of that session, end too.
    let ending: Vec<AllOf<'_>> = match &ends {
        Ends::User { sub } => vec![AllOf::User(sub.by_ref())],
        Ends::ProviderSession { sid, sub } => {
            let unlinked = sub.as_ref().map(|sub| AllOf::Unlinked(sub.by_ref()));
            [AllOf::ProviderSession(sid)]
                .into_iter()
                .chain(unlinked)
                .collect()
        }
    };
    let ended = app.sessions.revoke(&ending).await;
    let ended = match ended {
        Ok(()) => keep_use(app, &label).await,
        failed => failed,
    };
    if ended.is_err() {
        // The provider may try again with the same token: ending twice does no harm.
        forget_use(app, &label).await;
    }
    let (user_id, provider_session) = match &ends {
        Ends::User { sub } => (Some(sub.as_str()), None),
        Ends::ProviderSession { sid, sub } => {
            (sub.as_ref().map(Subject::as_str), Some(sid.as_str()))
        }
    };
    app.emit(&Event::BackchannelLogout {
        user_id,
        provider_session,
        occasion: app.occasion(request),
    });
    match ended {
        Ok(()) => Ok(response::empty()),
        Err(_) => Err(BackchannelLogoutError::StateUnavailable),
    }
}

/// The one `logout_token`; other values are ignored (§2.5).
fn logout_token(body: &[u8]) -> Option<String> {
    let mut tokens = form_urlencoded::parse(body).filter(|(name, _)| name == "logout_token");
    let (_, token) = tokens.next()?;
    tokens.next().is_none().then(|| token.into_owned())
}

async fn verify(app: &App, token: &str, why: &Why) -> Result<LogoutToken, BackchannelLogoutError> {
    let unavailable = |error: ProviderError| {
        why.note(format_args!("a logout token cannot be checked: {error}"));
        BackchannelLogoutError::KeysUnavailable
    };
    let provider = &app.provider;
    let metadata = provider.metadata().await.map_err(unavailable)?;
    let check = |keys: &JwkSet| {
        let expected = Expected {
            client: app.provider.client(),
            issuer: &metadata.issuer,
            algorithms: &metadata.algorithms,
            now: app.clock.now(),
        };
        logout_token::verify(token, keys, &expected)
    };
    let verified = provider.check(&metadata, token, Sender::Anyone, check);
    verified.await.map_err(unavailable)?.map_err(|error| {
        why.note(format_args!("a logout token was refused: {error}"));
        BackchannelLogoutError::InvalidLogoutToken
    })
}

/// Each logout token ends sessions once, on whatever machine: shown again, it would end those
/// that have begun since. Shown again while it ends them, it is refused too.
async fn is_first_use(app: &App, label: &str) -> Result<bool, BackchannelLogoutError> {
    if !app.used.logout_tokens.is_first_use(label) {
        return Ok(false);
    }
    let Some(cluster) = app.sessions.cluster() else {
        return Ok(true);
    };
    match cluster.is_first_use(label, UNDER_WAY).await {
        Ok(true) => Ok(true),
        // What becomes of it is known there.
        Ok(false) => {
            app.used.logout_tokens.forget(label);
            Ok(false)
        }
        // Nothing has happened yet: the provider may try again with the same token.
        Err(_) if app.spec.shared_state.fail_closed => {
            app.used.logout_tokens.forget(label);
            Err(BackchannelLogoutError::StateUnavailable)
        }
        // This process knows its own.
        Err(_) => Ok(true),
    }
}

/// It has ended the sessions: it stays used.
async fn keep_use(app: &App, label: &str) -> Result<(), StateError> {
    match app.sessions.cluster() {
        Some(cluster) => cluster.keep_use(label, logout_token::MEMORY).await,
        None => Ok(()),
    }
}

async fn forget_use(app: &App, label: &str) {
    app.used.logout_tokens.forget(label);
    if let Some(cluster) = app.sessions.cluster() {
        cluster.forget_use(label).await;
    }
}
