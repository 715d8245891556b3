//! `GET signin`.

use http::header::HeaderValue;
use http::request::Parts;

use super::app::App;
use super::{host, transactions};
use crate::clock;
use crate::error::SignInError;
use crate::log;
use crate::protocol::authorize::{self, SignInQuery};
use crate::protocol::transaction::Transaction;
use crate::response::{self, Response};
use crate::session::seal::Purpose;
use crate::spec::Event;
use crate::types::{CodeVerifier, Nonce, ReturnTo, State};

/// `GET signin`: from the visitor's wish to the provider's page.
pub(crate) async fn sign_in(
    app: &App,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, SignInError> {
    if let Some(there) = host::elsewhere(app, request) {
        return Ok(response::see_other(&there));
    }
    let query = request.uri.query().unwrap_or_default();
    let query = SignInQuery::parse(query, app.spec.forward, app.config.origins.app());
    if let Some(reason) = query.dropped {
        log::info!(%reason, "the `returnTo` of a sign-in is left out: people land where they land without one");
    }
    start(app, request, query, State::new, cookies).await
}

/// A sign-in that begins by itself, once, for whoever came back from one that is over.
pub(super) async fn sign_in_again(
    app: &App,
    request: &Parts,
    return_to: Option<ReturnTo>,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, SignInError> {
    let query = SignInQuery {
        return_to,
        ..SignInQuery::default()
    };
    start(app, request, query, State::again, cookies).await
}

async fn start(
    app: &App,
    request: &Parts,
    query: SignInQuery,
    new_state: fn([u8; 32]) -> State,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, SignInError> {
    let metadata = app.provider.metadata().await?;

    let random = || clock::random().map_err(|_| SignInError::Internal);
    let (state, nonce) = (new_state(random()?), Nonce::new(random()?));
    let verifier = CodeVerifier::new(random()?);
    let now = app.clock.fine();
    let transaction = Transaction::start(state, nonce, verifier, query.return_to, now);
    let transaction = transaction.within(query.max_age);

    let name = app
        .config
        .cookies
        .transaction_name(&Transaction::label(&transaction.state));
    // It says where to go on to also when it is over.
    let max_age = app.spec.session.transaction.max(transactions::KEPT);
    let sealed = app.config.cookies.sealed_transaction(&name);
    let cookie = app
        .config
        .keys
        .seal(Purpose::Transaction, &sealed, &transaction.encode(), None)
        .ok()
        .and_then(|value| app.config.cookies.set_transaction(&name, &value, max_age))
        .ok_or(SignInError::Internal)?;
    transactions::drop_old(app, &request.headers, now.seconds, cookie.len(), cookies);
    cookies.push(cookie);

    let url = authorize::request(
        &metadata.authorization,
        app.provider.client(),
        &transaction,
        &app.config.authorize,
        &query.hints,
    );
    app.emit(&Event::SignInStarted {
        return_to: transaction.return_to.as_ref().map(|path| path.as_str()),
        occasion: app.occasion(request),
    });
    Ok(response::see_other(&url.into()))
}
