//! A form that met a sign-in: it is kept until whoever sent it has signed in, and may send it again.

use core::time::Duration;

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, REFERRER_POLICY};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, StatusCode};
use url::form_urlencoded;

use super::app::App;
use super::form_callback::is_form;
use super::host;
use crate::clock;
use crate::error::{Error, GuardError};
use crate::log;
use crate::page::{self, Ways};
use crate::protocol::authorize::SignInQuery;
use crate::protocol::kept_form::KeptForm;
use crate::response::{self, Response};
use crate::session::Session;
use crate::session::seal::Purpose;
use crate::types::{Location, Reason, ReturnTo};

/// The beginning of what the cookie holds: the form itself, or the id of one in the shared state.
const HERE: u8 = 0;
const SHARED: u8 = 1;
/// How many bytes of a form a cookie holds, with the path that it was for.
const MAX_HERE: usize = authsafe_rules::limit::KEPT_HERE;
/// What of them is neither the path nor the form: an id, a time, lengths, and a user's id.
const AROUND: usize = 320;

/// Returns where a guard sends a request on to, with its method and body, for its form to be kept. `None`: it
/// has none that is kept. Only a page of the app's own sends one: no other site has its form sent again.
pub(crate) fn way(
    app: &App,
    request: &Parts,
    asked_for: Option<&PathAndQuery>,
    max_age: Option<Duration>,
) -> Option<Location> {
    let longest = app.spec.keep_post?;
    if request.method != Method::POST
        || !page::is_opened(&request.headers)
        || !is_form(&request.headers)
        || !app.config.origins.made_by_app(&request.headers)
        || host::is_elsewhere(app, request)
    {
        return None;
    }
    let to = ReturnTo::asked_for(asked_for?.as_str(), app.config.origins.app());
    let to = to.map_err(not_kept).ok()?;
    let fits = |length| match app.sessions.cluster() {
        Some(_) => length <= longest,
        None => length <= longest && to.as_str().len() + length <= MAX_HERE,
    };
    if !length(&request.headers).is_some_and(fits) {
        not_kept(Reason("is longer than `keep_post`, or than a cookie holds"));
        return None;
    }
    let max_age = max_age.map(|it| it.as_secs().to_string());
    let mut pairs = vec![("returnTo", to.as_str())];
    pairs.extend(max_age.as_ref().map(|it| ("max_age", it.as_str())));
    Some(Location::of_app(&app.spec.kept_form_path()).with_query(&pairs))
}

/// `POST signin/form`: keeps a form in the browser, or in the shared state, and leads to the sign-in.
pub(crate) async fn keep(
    app: &App,
    request: &Parts,
    body: &[u8],
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, Error> {
    if !app.config.origins.made_by_app(&request.headers) {
        return Err(GuardError::ForeignOrigin.into());
    }
    let query = request.uri.query().unwrap_or_default();
    let query = SignInQuery::parse(query, &[], app.config.origins.app());
    let now = app.clock.now();
    let live = app.sessions.find(&request.headers, now).await;
    let live = live.map_err(|_| GuardError::StateUnavailable)?;
    let author = live.clone().or_else(|| app.sessions.over(&request.headers));
    let sign_in = |back| sign_in(app, live.is_some(), back, query.max_age);
    let is_whole = length(&request.headers) == Some(body.len());
    let kept = match query.return_to {
        Some(to) if is_whole && is_form(&request.headers) => hold(app, author, to, body).await,
        _ => Err(Reason("is none")),
    };
    match kept {
        Ok((cookie, id)) => {
            cookies.push(cookie);
            let back = Location::of_app(&app.spec.kept_form_path()).with_query(&[("id", &id)]);
            Ok(response::see_other(&sign_in(Some(&back))))
        }
        Err(reason) => {
            not_kept(reason);
            let error = match live {
                Some(_) => GuardError::ReauthenticationRequired,
                None => GuardError::Unauthenticated,
            };
            let (sign_in, home) = (sign_in(None), app.spec.cookies.path);
            let sign_in = sign_in.as_str();
            Ok(page::of(error.into(), Ways { sign_in, home }))
        }
    }
}

/// `GET signin/form`: shows the form to whoever sent it, once they are signed in, with a button that sends it
/// again. It is shown once.
pub(crate) async fn show(
    app: &App,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, Error> {
    let (headers, home) = (&request.headers, app.spec.cookies.path);
    // It was shown before, has taken too long, or is another tab's.
    let gone = || Ok(response::see_other(&Location::of_app("/")));
    let query = request.uri.query().unwrap_or_default();
    let id = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "id");
    let Some(((_, id), held)) = id.zip(held(app, headers)) else {
        return gone();
    };
    let session = app.sessions.find(headers, app.clock.now()).await;
    let session = session.map_err(|_| GuardError::StateUnavailable)?;
    let Some(session) = session else {
        let back = request.uri.path_and_query();
        let back = back.and_then(|it| ReturnTo::parse(it.as_str()).ok());
        let to = sign_in(app, false, back.map(Location::from).as_ref(), None);
        let sign_in = to.as_str();
        return Ok(page::of(
            GuardError::Unauthenticated.into(),
            Ways { sign_in, home },
        ));
    };
    let form = match held.split_first() {
        Some((&HERE, form)) => KeptForm::decode(form),
        Some((&SHARED, kept)) if kept == id.as_bytes() => {
            let Some(cluster) = app.sessions.cluster() else {
                return gone();
            };
            let form = cluster.take_form(&id, app.spec.session.transaction).await;
            let form = form.map_err(|_| GuardError::StateUnavailable)?;
            form.and_then(|form| KeptForm::decode(&form))
        }
        _ => None,
    };
    let Some(form) = form.filter(|form| form.id == id) else {
        return gone();
    };
    cookies.extend(app.config.cookies.clear_form());
    let author = form.author.as_deref();
    if app.clock.now() > form.until || author.is_some_and(|it| !app.is_user(&session, it)) {
        return gone();
    }
    Ok(page::kept_form(form.to.as_str(), form.fields(), home))
}

/// Returns what takes the cookie of a form away, where a request has one.
pub(super) fn forget(app: &App, request: &HeaderMap) -> Option<HeaderValue> {
    let cookies = &app.config.cookies;
    cookies.form(request).and_then(|_| cookies.clear_form())
}

/// Returns where the sign-in begins that comes back to the form: at the app's own page where it has one and
/// nobody is signed in.
fn sign_in(
    app: &App,
    is_signed_in: bool,
    back: Option<&Location>,
    max_age: Option<Duration>,
) -> Location {
    let own = app.spec.pages.sign_in.filter(|_| !is_signed_in);
    let begins_at = format!("{}/{}", app.spec.base_path, app.spec.paths.signin);
    let max_age = max_age.map(|it| it.as_secs().to_string());
    let mut pairs = Vec::new();
    pairs.extend(back.map(|it| ("returnTo", it.as_str())));
    pairs.extend(own.map(|_| ("code", Error::from(GuardError::Unauthenticated).code())));
    pairs.extend(max_age.as_ref().map(|it| ("max_age", it.as_str())));
    Location::of_app(own.unwrap_or(&begins_at)).with_query(&pairs)
}

/// Keeps a form as long as a sign-in may take. Returns the cookie that finds it, and its id.
async fn hold(
    app: &App,
    author: Option<Session>,
    to: ReturnTo,
    body: &[u8],
) -> Result<(HeaderValue, String), Reason> {
    const UNSEALED: Reason = Reason("could not be sealed");
    if body.len() > app.spec.keep_post.unwrap_or_default() {
        return Err(Reason("is longer than `keep_post`"));
    }
    let max_age = app.spec.session.transaction;
    let id = clock::random_text().map_err(|_| UNSEALED)?;
    let form = KeptForm {
        id: id.clone(),
        to,
        author: author.map(|it| it.user().id().to_owned()),
        until: app.clock.now().saturating_add(max_age.as_secs()),
        body: KeptForm::readable(body)?.to_owned(),
    };
    let form = form.encode();
    let held = if form.len() <= MAX_HERE + AROUND {
        [&[HERE], &*form].concat()
    } else {
        let none = Reason("is longer than a cookie holds, and there is no shared state");
        let cluster = app.sessions.cluster().ok_or(none)?;
        let kept = cluster.keep_form(&id, &form, max_age).await;
        kept.map_err(|_| Reason("did not get into the shared state"))?;
        [&[SHARED], id.as_bytes()].concat()
    };
    let (cookies, keys) = (&app.config.cookies, &app.config.keys);
    let sealed = keys.seal(Purpose::Transaction, cookies.form_name(), &held, None);
    let cookie = cookies.set_form(&sealed.map_err(|_| UNSEALED)?, max_age);
    Ok((cookie.ok_or(UNSEALED)?, id))
}

/// Returns what the cookie of a form holds.
fn held(app: &App, request: &HeaderMap) -> Option<Vec<u8>> {
    let cookies = &app.config.cookies;
    let (name, value) = (cookies.form_name(), cookies.form(request)?);
    let keys = &app.config.keys;
    keys.open_first(Purpose::Transaction, name, value)
}

fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn not_kept(reason: Reason) {
    log::info!(%reason, "a form that met a sign-in is not kept: whoever sent it fills it in again");
}

/// `307 Temporary Redirect` (RFC 9110 §15.4.8): the browser follows it with the same method and body. It tells
/// its origin there, which with `no-referrer` would be none (Fetch Standard, `Origin`).
pub(crate) fn send_on(to: &Location) -> Response {
    let mut response = response::see_other(to);
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let same_origin = HeaderValue::from_static("same-origin");
    response.headers_mut().insert(REFERRER_POLICY, same_origin);
    response
}
