//! A form that met a sign-in: it is kept until whoever sent it has signed in, and may send it again.

use core::time::Duration;

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, StatusCode};

use super::app::App;
use super::form_callback::is_form;
use crate::clock;
use crate::error::{Error, GuardError};
use crate::log;
use crate::page;
use crate::protocol::authorize::SignInQuery;
use crate::protocol::kept_form::KeptForm;
use crate::response::{self, Response};
use crate::session::seal::Purpose;
use crate::types::{Location, Reason, ReturnTo};

/// The beginning of what the cookie holds: the form itself, or the id of one in the shared state.
const HERE: u8 = 0;
const SHARED: u8 = 1;
/// How many bytes of a form a cookie holds, with the path that it was for.
const MAX_HERE: usize = authsafe_rules::limit::KEPT_HERE;

/// Returns where a guard sends a request on to, with its method and body, for its form to be kept. `None`: it
/// has none that is kept. Only a page of the app's own sends one: no other site has its form sent again.
pub(crate) fn way(
    app: &App,
    request: &Parts,
    asked_for: Option<&PathAndQuery>,
    max_age: Option<Duration>,
) -> Option<Location> {
    let longest = app.spec.keep_post?;
    let headers = &request.headers;
    if request.method != Method::POST
        || !page::is_opened(headers)
        || !is_form(headers)
        || !app.config.origins.made(headers)
    {
        return None;
    }
    let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse::<usize>();
    if !length.is_ok_and(|length| length <= longest) {
        not_kept(Reason("is longer than `keep_post`"));
        return None;
    }
    let to = ReturnTo::asked_for(asked_for?.as_str(), app.config.origins.app());
    let to = to.map_err(not_kept).ok()?;
    let max_age = max_age.map(|it| it.as_secs().to_string());
    let mut pairs = vec![("returnTo", to.as_str())];
    pairs.extend(max_age.as_ref().map(|it| ("max_age", it.as_str())));
    Some(endpoint(app).with_query(&pairs))
}

/// `POST signin/form`: keeps a form in the browser, or in the shared state, and leads to the sign-in.
pub(crate) async fn keep(
    app: &App,
    request: &Parts,
    body: &[u8],
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, Error> {
    if !app.config.origins.made(&request.headers) {
        return Err(GuardError::ForeignOrigin.into());
    }
    let query = request.uri.query().unwrap_or_default();
    let query = SignInQuery::parse(query, &[], app.config.origins.app());
    let kept = match query.return_to {
        Some(to) if is_form(&request.headers) => hold(app, to, body).await,
        _ => Err(Reason("is none")),
    };
    let back = match kept {
        Ok(cookie) => {
            cookies.push(cookie);
            Some(endpoint(app))
        }
        Err(reason) => {
            not_kept(reason);
            None
        }
    };
    Ok(response::see_other(&sign_in(
        app,
        back.as_ref(),
        query.max_age,
    )))
}

/// `GET signin/form`: shows the form to whoever sent it, once, with a button that sends it again.
pub(crate) async fn show(
    app: &App,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, Error> {
    Ok(match take(app, &request.headers, cookies).await {
        Some(form) => page::kept_form(form.to.as_str(), form.fields()),
        // It was shown before, or has taken too long.
        None => response::see_other(&Location::of_app("/")),
    })
}

fn endpoint(app: &App) -> Location {
    Location::of_app(&app.spec.kept_form_path())
}

/// Returns where the sign-in begins that comes back to the form: at the app's own page where it has one and
/// nobody is signed in.
fn sign_in(app: &App, back: Option<&Location>, max_age: Option<Duration>) -> Location {
    let own = app.spec.pages.sign_in.filter(|_| max_age.is_none());
    let begins_at = format!("{}/{}", app.spec.base_path, app.spec.paths.signin);
    let max_age = max_age.map(|it| it.as_secs().to_string());
    let mut pairs = Vec::new();
    pairs.extend(back.map(|it| ("returnTo", it.as_str())));
    pairs.extend(own.map(|_| ("code", Error::from(GuardError::Unauthenticated).code())));
    pairs.extend(max_age.as_ref().map(|it| ("max_age", it.as_str())));
    Location::of_app(own.unwrap_or(&begins_at)).with_query(&pairs)
}

/// Keeps a form as long as a sign-in may take. Returns the cookie that finds it.
async fn hold(app: &App, to: ReturnTo, body: &[u8]) -> Result<HeaderValue, Reason> {
    let longest = app.spec.keep_post.unwrap_or_default();
    if body.len() > longest {
        return Err(Reason("is longer than `keep_post`"));
    }
    let max_age = app.spec.session.transaction;
    let until = app.clock.now().saturating_add(max_age.as_secs());
    let form = KeptForm::read(to, body, until)?.encode();
    let failed = |_| Reason("could not be sealed");
    let held = if form.len() <= MAX_HERE {
        [&[HERE], &*form].concat()
    } else {
        let none = Reason("is longer than a cookie holds, and there is no shared state");
        let cluster = app.sessions.cluster().ok_or(none)?;
        let id = clock::random_text().map_err(|_| Reason("could not be sealed"))?;
        let kept = cluster.keep_form(&id, &form, max_age).await;
        kept.map_err(|_| Reason("did not get into the shared state"))?;
        [&[SHARED], id.as_bytes()].concat()
    };
    let cookies = &app.config.cookies;
    let keys = &app.config.keys;
    let sealed = keys.seal(Purpose::Transaction, cookies.form_name(), &held, None);
    let cookie = cookies.set_form(&sealed.map_err(failed)?, max_age);
    cookie.ok_or(Reason("could not be sealed"))
}

/// Takes the form that a browser has kept, and its cookie away.
async fn take(app: &App, request: &HeaderMap, cookies: &mut Vec<HeaderValue>) -> Option<KeptForm> {
    let names = &app.config.cookies;
    let value = names.form(request)?;
    cookies.extend(names.clear_form());
    let name = names.form_name();
    let held = app
        .config
        .keys
        .open_first(Purpose::Transaction, name, value)?;
    let form = match held.split_first()? {
        (&HERE, form) => form.to_vec(),
        (&SHARED, id) => {
            let id = core::str::from_utf8(id).ok()?;
            let cluster = app.sessions.cluster()?;
            let form = cluster.take_form(id, app.spec.session.transaction).await;
            form.ok()??
        }
        _ => return None,
    };
    KeptForm::decode(&form).filter(|it| app.clock.now() <= it.until)
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
    let headers = response.headers_mut();
    headers.insert(http::header::REFERRER_POLICY, same_origin);
    response
}
