//! The cookies of sign-ins in flight.

use core::cmp::Reverse;
use core::time::Duration;
use std::collections::BTreeMap;

use http::header::{HeaderMap, HeaderValue};

use super::app::App;
use crate::clock::{FineTime, UnixSeconds};
use crate::error::CallbackError;
use crate::log;
use crate::protocol::callback::AuthorizationResponse;
use crate::protocol::transaction::Transaction;
use crate::session::seal::Purpose;
use crate::types::ReturnTo;

/// How long a browser keeps the cookie of a sign-in: whoever comes back after lunch is led on to where
/// they wanted to go.
pub(super) const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How many sign-ins may be in flight in one browser; the oldest give way.
const MAX_TRANSACTIONS: usize = 10;
/// How many bytes their cookies may have, with that of the one that begins: on https each request carries
/// them, and servers take some 8 KB of cookies.
const MAX_BYTES: usize = 4 * 1024;
/// The beginning of one that is over: before all others.
const OVER: FineTime = FineTime::first_of(0);
/// How many cookies one answer removes at the most; the next one removes others.
const MAX_REMOVED: usize = 16;

/// Makes room for the cookie of a new sign-in, of `length` bytes: removes those of transactions that are over
/// or not ours, and the oldest where there are too many.
pub(super) fn drop_old(
    app: &App,
    headers: &HeaderMap,
    now: UnixSeconds,
    length: usize,
    cookies: &mut Vec<HeaderValue>,
) {
    let max_age = app.spec.session.transaction;
    let in_flight: BTreeMap<&str, (FineTime, usize)> = app
        .config
        .cookies
        .transactions(headers)
        .map(|(name, value)| {
            let transaction = open(app, name, value);
            let live = transaction.filter(|it| !it.is_over(now, max_age));
            let started_at = live.map_or(OVER, |it| it.started_at);
            (name, (started_at, name.len() + value.len()))
        })
        .collect();
    let mut in_flight: Vec<_> = in_flight.into_iter().collect();
    in_flight.sort_unstable_by_key(|(_, (started_at, _))| Reverse(*started_at));
    let (mut count, mut bytes) = (0, length);
    let gives_way = |(_, (started_at, length)): &(&str, (FineTime, usize))| {
        count += 1;
        bytes += length;
        *started_at == OVER || count >= MAX_TRANSACTIONS || bytes > MAX_BYTES
    };
    let removed = in_flight.into_iter().filter(gives_way).take(MAX_REMOVED);
    cookies.extend(removed.filter_map(|(name, _)| app.config.cookies.clear_transaction(name)));
}

/// Returns whether the request has a cookie for the sign-in that a response names.
pub(super) fn is_here(app: &App, answer: &AuthorizationResponse, headers: &HeaderMap) -> bool {
    named(app, answer, headers).is_some()
}

/// Finds the transaction of a response by its `state`, and the name of its cookie. One that is over goes.
pub(super) fn find(
    app: &App,
    answer: &AuthorizationResponse,
    headers: &HeaderMap,
    cookies: &mut Vec<HeaderValue>,
) -> Result<(String, Transaction), CallbackError> {
    let (name, transaction) = sent(app, answer, headers).ok_or(CallbackError::UnknownState)?;
    let max_age = app.spec.session.transaction;
    let live = transaction.filter(|it| !it.is_over(app.clock.now(), max_age));
    let Some(transaction) = live else {
        cookies.extend(app.config.cookies.clear_transaction(&name));
        return Err(CallbackError::UnknownState);
    };
    Ok((name, transaction))
}

/// Returns the path that a sign-in was for, also of one that is over.
pub(super) fn return_to(
    app: &App,
    answer: &AuthorizationResponse,
    headers: &HeaderMap,
) -> Option<ReturnTo> {
    sent(app, answer, headers)?.1?.return_to
}

/// The cookies of the transaction that a response names, if any was sent: their name and their values.
fn named<'a>(
    app: &App,
    answer: &AuthorizationResponse,
    headers: &'a HeaderMap,
) -> Option<(String, Vec<&'a [u8]>)> {
    let label = Transaction::label(answer.state.as_ref()?);
    let cookies = &app.config.cookies;
    [Some(cookies), cookies.before()]
        .into_iter()
        .flatten()
        .find_map(|cookies| {
            let name = cookies.transaction_name(&label);
            let values = cookies.transactions(headers);
            let values: Vec<_> = values
                .filter_map(|(other, value)| (*other == name).then_some(value))
                .collect();
            (!values.is_empty()).then_some((name, values))
        })
}

/// The same, with what they hold.
fn sent(
    app: &App,
    answer: &AuthorizationResponse,
    headers: &HeaderMap,
) -> Option<(String, Option<Transaction>)> {
    let (name, values) = named(app, answer, headers)?;
    let mut opened = values.into_iter().filter_map(|it| open(app, &name, it));
    let state = answer.state.as_ref()?;
    let opened = opened.next();
    if opened.is_none() {
        log::warn!(
            "the cookie of a sign-in does not open: was it sealed with another cookie secret (do all \
             replicas of the app have the same one)?"
        );
    }
    let transaction = opened.filter(|it| it.state.is(state));
    Some((name, transaction))
}

/// Closes a transaction: there is one callback of it.
pub(super) async fn close(app: &App, transaction: &Transaction) -> Result<(), CallbackError> {
    match is_first_use(app, &Transaction::label(&transaction.state)).await? {
        true => Ok(()),
        false => Err(CallbackError::UnknownState),
    }
}

fn open(app: &App, name: &str, value: &[u8]) -> Option<Transaction> {
    let name = app.config.cookies.sealed_transaction(name);
    let opened = app
        .config
        .keys
        .open_first(Purpose::Transaction, &name, value)?;
    Transaction::decode(&opened)
}

/// Each sign-in is finished once, on whatever machine.
async fn is_first_use(app: &App, label: &str) -> Result<bool, CallbackError> {
    if !app.used.sign_ins.is_first_use(label) {
        return Ok(false);
    }
    let Some(cluster) = app.sessions.cluster() else {
        return Ok(true);
    };
    match cluster
        .is_first_use(label, app.spec.session.transaction)
        .await
    {
        Ok(first) => Ok(first),
        Err(_) if app.spec.shared_state.fail_closed => {
            app.used.sign_ins.forget(label);
            Err(CallbackError::StateUnavailable)
        }
        Err(_) => Ok(true),
    }
}

/// Returns whether its callback has been answered here: it is good for no other.
pub(super) fn is_closed(app: &App, label: &str) -> bool {
    app.used.sign_ins.is_used(label)
}

/// As if its callback had not been called: nothing has been sent to the provider yet.
pub(super) async fn reopen(app: &App, transaction: &Transaction) {
    let label = Transaction::label(&transaction.state);
    app.used.sign_ins.forget(&label);
    if let Some(cluster) = app.sessions.cluster() {
        cluster.forget_use(&label).await;
    }
}
