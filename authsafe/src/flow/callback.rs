//! `GET callback`.

use std::sync::Arc;

use http::header::HeaderValue;
use http::request::Parts;

use super::app::{App, SignedIn};
use super::cancelled::{self, Refused};
use super::identity::{AccessKey, new_identity, verify};
use super::sign_in::sign_in_again;
use super::transactions;
use super::unsaved::UnsavedToken;
use super::why::Why;
use crate::endpoint::Endpoint;
use crate::error::{CallbackError, ProviderError};
use crate::log;
use crate::page;
use crate::protocol::callback::AuthorizationResponse;
use crate::protocol::token_endpoint::TokenError;
use crate::protocol::transaction::Transaction;
use crate::response::{self, Response};
use crate::session::{Identity, Session};
use crate::spec::{Event, NewSession};
use crate::state::Shared;
use crate::types::{Location, ReturnTo, Tokens};

/// `GET callback`: from the provider's answer to a session.
pub(crate) async fn callback(
    app: &Arc<App>,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
    why: &Why,
) -> Result<Response, Refused> {
    let answer = AuthorizationResponse::parse(request.uri.query().unwrap_or_default());
    let answer = answer.map_err(Refused::by)?;
    finish(app, request, answer, cookies, why).await
}

/// From an answer to a session, in whatever way the answer came; where it is of no sign-in that is under
/// way, a person is led on all the same.
pub(super) async fn finish(
    app: &Arc<App>,
    request: &Parts,
    answer: AuthorizationResponse,
    cookies: &mut Vec<HeaderValue>,
    why: &Why,
) -> Result<Response, Refused> {
    match sign_in_once(app, request, &answer, cookies, why).await {
        Ok(landing) => Ok(response::see_other(&landing)),
        Err(CallbackError::UnknownState) if page::is_opened(&request.headers) => {
            let led_on = lead_on(app, request, &answer, cookies).await;
            led_on.map_err(Refused::by)
        }
        Err(error @ CallbackError::AccessDenied) if page::is_opened(&request.headers) => {
            let return_to = transactions::return_to(app, &answer, &request.headers);
            let back = cancelled::back(app, &request.headers, return_to, cookies);
            let error = error.into();
            Err(Refused { error, back })
        }
        Err(error) => Err(Refused::by(error)),
    }
}

/// The way on of whoever reloads a callback, or comes back late: where they would have landed, or one new
/// sign-in. The answer itself is not believed. `Err`: it is of no sign-in of ours, or that was tried before.
async fn lead_on(
    app: &App,
    request: &Parts,
    answer: &AuthorizationResponse,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, CallbackError> {
    let unknown = CallbackError::UnknownState;
    let state = answer.state.as_ref().filter(|it| it.looks_like_ours());
    let state = state.ok_or(unknown)?;
    let return_to = transactions::return_to(app, answer, &request.headers);
    let sessions = app.sessions.load_all(&request.headers).await;
    if let Ok([session]) = sessions.as_deref() {
        app.emit(&Event::CallbackLedOn {
            session: Some(session),
            occasion: app.occasion(request),
        });
        return Ok(response::see_other(&landing(app, session, return_to)));
    }
    if state.is_again() || app.check_rate(Endpoint::SignIn, request).await.is_err() {
        return Err(unknown);
    }
    log::info!("a callback is of no sign-in that this browser has under way: a new one begins");
    let begun = sign_in_again(app, request, return_to, cookies).await;
    let begun = begun.map_err(|_| unknown)?;
    app.emit(&Event::CallbackLedOn {
        session: None,
        occasion: app.occasion(request),
    });
    Ok(begun)
}

/// Signs in by an answer, once: whoever brings the same answer meanwhile gets what it brought.
async fn sign_in_once(
    app: &Arc<App>,
    request: &Parts,
    answer: &AuthorizationResponse,
    cookies: &mut Vec<HeaderValue>,
    why: &Why,
) -> Result<Location, CallbackError> {
    // The transaction is found and closed before anything else is believed or sent.
    let (cookie, transaction) = transactions::find(app, answer, &request.headers, cookies)?;
    let label = Transaction::label(&transaction.state);
    let new = async {
        let cluster = app.sessions.cluster();
        match transactions::close(app, &transaction).await {
            Err(CallbackError::UnknownState) => {
                let elsewhere = match cluster {
                    Some(cluster) => cluster.follow_callback(&label).await,
                    None => None,
                };
                let signed_in = elsewhere.and_then(|it| SignedIn::decode(&it));
                return signed_in.ok_or(CallbackError::UnknownState);
            }
            closed => closed?,
        }
        let signed_in = sign_in(app, request, answer, transaction, why);
        match cluster {
            Some(cluster) => {
                cluster
                    .lead_callback(&label, signed_in, SignedIn::encode)
                    .await
            }
            None => signed_in.await,
        }
    };
    let once = app.used.callbacks.share(label.clone(), &app.clock, new);
    let shared = once.await;
    // A callback that could not begin may come again.
    if transactions::is_closed(app, &label) {
        cookies.extend(app.config.cookies.clear_transaction(&cookie));
    }
    let (Shared::Led(signed_in) | Shared::Followed(signed_in)) = shared?;
    cookies.extend(signed_in.cookies.iter().cloned());
    Ok(signed_in.landing.clone())
}

async fn sign_in(
    app: &Arc<App>,
    request: &Parts,
    answer: &AuthorizationResponse,
    transaction: Transaction,
    why: &Why,
) -> Result<SignedIn, CallbackError> {
    let metadata = match app.provider.metadata().await {
        Ok(metadata) => metadata,
        Err(error) => {
            transactions::reopen(app, &transaction).await;
            return Err(error.into());
        }
    };
    answer.check_issuer(&metadata.issuer, metadata.sends_iss)?;
    if let Some(refusal) = answer.refusal() {
        why.note(format_args!("the provider refused the sign-in: {refusal}"));
    }
    let code = answer.code()?;

    // Before the provider makes the tokens: a logout that comes while they are fetched ends the
    // session too.
    let began = app.clock.fine();
    let began_at = began.seconds;
    let token_set = app
        .provider
        .exchange(&metadata, code, &transaction.verifier)
        .await
        .map_err(|error| {
            why.note(format_args!("the code was not exchanged: {error}"));
            match error {
                TokenError::InvalidGrant(_) => CallbackError::InvalidCode,
                TokenError::Refused(_) => CallbackError::RequestRefused,
                TokenError::Malformed(_, _, dropped) => {
                    app.revoke_in_background(dropped);
                    ProviderError::BadAnswer.into()
                }
                TokenError::Trouble(_) => ProviderError::Unavailable.into(),
                TokenError::Transport(error) => error.into(),
            }
        })?;
    app.note_refresh_token(token_set.tokens.refresh.as_ref());
    let mut unsaved = UnsavedToken::new(app, token_set.tokens.refresh.clone());
    let nonce = Some(&transaction.nonce);
    let verified = verify(app, &metadata, &token_set, nonce, AccessKey::AsKnown, why).await?;
    let mut identity = new_identity(app, &metadata, &token_set, verified, began, why).await?;
    if is_signed_in(app, request, &identity).await {
        unsaved.leave();
    }
    let leeway = app.provider.client().leeway;
    let checked = transaction.check_auth_time(identity.auth_time, app.clock.now(), leeway);
    checked.map_err(|error| {
        why.note(format_args!("the ID token was refused: {error}"));
        CallbackError::InvalidIdToken
    })?;
    let by_our_clock = |time| transaction.by_our_clock(time, leeway);
    identity.auth_time = identity.auth_time.map(by_our_clock);
    // It would open no page, and each would send its user back here.
    let ended = app.clock.now().checked_sub(identity.expires_at);
    if let Some(ago) = ended {
        why.note(format_args!(
            "the ID token was refused: its `session_expiry` was {ago} seconds ago by this machine's clock: is \
             one of the clocks wrong?"
        ));
        return Err(CallbackError::InvalidIdToken);
    }
    let replaced = app.sessions.find(&request.headers, began_at).await;
    let replaced = replaced.unwrap_or_default();
    if let Some(old) = &replaced
        && app.is_user(old, &identity.user_id)
        && old.user().organization_id() == identity.organization_id.as_deref()
    {
        identity.data = old.identity().data;
    }
    let identity = ask_the_app(app, identity, &token_set.tokens, replaced).await?;
    let begun = app
        .sessions
        .begin(identity, token_set.tokens, &request.headers);
    let (session, cookies) = begun.await?;
    unsaved.saved();
    for old in app.sessions.replace(&request.headers).await {
        if !app.is_user(&old, session.user().id()) {
            app.revoke_in_background(old.refresh_token());
        }
    }
    app.emit(&Event::SignedIn {
        session: &session,
        occasion: app.occasion(request),
    });
    let landing = landing(app, &session, transaction.return_to);
    Ok(SignedIn { landing, cookies })
}

/// Returns whether the browser has a session of this user already, whose refresh token may be of one grant
/// with the new one.
async fn is_signed_in(app: &App, request: &Parts, identity: &Identity) -> bool {
    let sessions = app.sessions.load_all(&request.headers).await;
    let is_of_user = |session: &Session| app.is_user(session, &identity.user_id);
    sessions.is_ok_and(|all| all.iter().any(is_of_user))
}

/// Asks the app as at a sign-in. `Err(None)`: the session does not fit.
#[cfg(feature = "testing")]
pub(crate) async fn ask_in_a_test(
    app: &App,
    identity: Identity,
    tokens: &Tokens,
) -> Result<Identity, Option<crate::spec::SignInRefused>> {
    let asked = ask_the_app(app, identity, tokens, None).await;
    asked.map_err(|error| match error {
        CallbackError::SignInRefused { because } => Some(crate::spec::SignInRefused { because }),
        _ => None,
    })
}

/// The app's own word on a sign-in: what it adds, or that it refuses.
async fn ask_the_app(
    app: &App,
    mut identity: Identity,
    tokens: &Tokens,
    replaced: Option<Session>,
) -> Result<Identity, CallbackError> {
    let Some(hook) = app.hooks.on_sign_in.get() else {
        return Ok(identity);
    };
    let preview = app.sessions.preview(identity.clone(), tokens.clone())?;
    let new = NewSession::new(preview, identity.data.clone(), replaced);
    match hook.on_sign_in(new).await {
        Ok(new) => {
            identity.added_roles = new.added_roles;
            identity.data = new.data;
            Ok(identity)
        }
        Err(refused) => Err(CallbackError::SignInRefused {
            because: refused.because,
        }),
    }
}

/// Returns where a new session goes: the first rule that matches, unless a return path was given and
/// the rule is not `always`.
fn landing(app: &App, session: &Session, return_to: Option<ReturnTo>) -> Location {
    let rule = app
        .spec
        .landing
        .iter()
        .find(|rule| rule.when.allows(session, app.clock.now()));
    match (rule, return_to) {
        (Some(rule), None) => Location::of_app(rule.to),
        (Some(rule), Some(_)) if rule.always => Location::of_app(rule.to),
        (_, Some(return_to)) => return_to.into(),
        (None, None) => Location::of_app("/"),
    }
}
