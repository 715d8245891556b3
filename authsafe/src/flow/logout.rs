//! `POST logout`.

use std::sync::Arc;

use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use serde::Serialize;
use url::form_urlencoded;

use super::app::App;
use super::kept_form;
use crate::error::LogoutError;
use crate::lifecycle::SignedOut;
use crate::log;
use crate::page;
use crate::protocol::authorize::SignInQuery;
use crate::protocol::end_session::{AfterLogout, EndSession};
use crate::response::{self, Response};
use crate::session::Session;
use crate::session::seal::Purpose;
use crate::spec::{Event, LogoutSpec};
use crate::types::{Location, ReturnTo};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
/// The kind that takes the cookies.
const COOKIES: &str = "cookies";
/// What stands in the name of the cookie for a landing, where a sign-in's has its label.
const AFTER_LOGOUT: &str = "after-logout-out";
/// The beginning of a sign-in that is over: the next one takes the cookie for that, and removes it.
const NOT_BEGUN: [u8; 8] = 0u64.to_be_bytes();

/// `POST logout`: ends the session here, at once, and at the provider, in its own time.
pub(crate) async fn logout(
    app: &Arc<App>,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> Result<Response, LogoutError> {
    if !app.config.origins.made(&request.headers) {
        return Err(LogoutError::ForeignOrigin);
    }
    let (result, signed_out) = end_and_go(app, request, cookies).await;
    // Not the cookie of another session, which the browser has got since it asked.
    let sessions = &app.sessions;
    if signed_out != SignedOut::Nowhere && !sessions.are_replaced(&request.headers).await {
        cookies.extend(sessions.remove_cookies(&request.headers));
        cookies.extend(kept_form::forget(app, &request.headers));
    }
    result
}

async fn end_and_go(
    app: &Arc<App>,
    request: &Parts,
    cookies: &mut Vec<HeaderValue>,
) -> (Result<Response, LogoutError>, SignedOut) {
    let session = match session(app, request).await {
        Ok(Some(session)) => session,
        // It is over already: that is what they wanted.
        Ok(None) => return (Ok(go(app, request, None, cookies)), SignedOut::Here),
        Err(error) => return (Err(error), SignedOut::Here),
    };
    let signed_out = end(app, request, &session).await;
    let result = match signed_out {
        SignedOut::Everywhere => Ok(go(app, request, Some(&session), cookies)),
        SignedOut::Here | SignedOut::Nowhere => Err(LogoutError::StateUnavailable),
    };
    (result, signed_out)
}

/// The session that is signed out of, if there is one.
async fn session(app: &Arc<App>, request: &Parts) -> Result<Option<Session>, LogoutError> {
    let Ok(mut sessions) = app.sessions.load_all(&request.headers).await else {
        // The store does not answer. Here the session ends all the same, by its ticket, and
        // elsewhere if it can be told.
        for id in app.sessions.ids(&request.headers) {
            let _ = app.sessions.revoke_session(id).await;
        }
        return Err(LogoutError::StateUnavailable);
    };
    match sessions.pop() {
        Some(session) if sessions.is_empty() => Ok(Some(session)),
        others => {
            // Of several, somebody has planted one: none counts, and none is left to count.
            for session in sessions.into_iter().chain(others) {
                end(app, request, &session).await;
            }
            Ok(None)
        }
    }
}

/// Returns where a browser goes that has signed out: to the provider, to sign out there too; where the
/// session was over before, to the page that comes after a logout.
fn go(
    app: &App,
    request: &Parts,
    session: Option<&Session>,
    cookies: &mut Vec<HeaderValue>,
) -> Response {
    let after = after_logout(app, request);
    let cookies_before = cookies.len();
    let by_provider = session.and_then(|it| by_provider(app, it, &after, cookies));
    let target = by_provider.unwrap_or_else(|| page(app, after.return_to));
    let mut response = if wants_json(&request.headers) {
        let body = Body {
            success: true,
            redirect_to: target.as_str(),
        };
        response::json(StatusCode::OK, &body)
    } else {
        response::see_other(&target)
    };
    // A cookie that says where to go from the landing is forgotten there.
    let has_cookie = cookies.len() > cookies_before;
    let kinds = app.spec.clear_site_data.iter().copied();
    forget(
        &mut response,
        kinds.filter(|it| !(has_cookie && *it == COOKIES)),
    );
    response
}

/// Tells browsers what to forget (Clear Site Data §3.1).
fn forget<'k>(response: &mut Response, kinds: impl Iterator<Item = &'k str>) {
    let quoted: Vec<_> = kinds.map(|kind| format!("\"{kind}\"")).collect();
    let text = Some(quoted.join(", ")).filter(|it| !it.is_empty());
    let value = text.and_then(|it| HeaderValue::from_str(&it).ok());
    let header = value.map(|it| (CLEAR_SITE_DATA, it));
    response.headers_mut().extend(header);
}

/// Returns what a logout is asked to do afterwards.
fn after_logout(app: &App, request: &Parts) -> AfterLogout {
    let written = request.uri.query().unwrap_or_default();
    let query = SignInQuery::parse(written, &[], app.config.origins.app());
    if let Some(reason) = query.dropped {
        log::info!(%reason, "the `returnTo` of a logout is left out: it goes to `after_logout`");
    }
    let state = form_urlencoded::parse(written.as_bytes())
        .find_map(|(name, value)| (name == "state").then(|| value.into_owned()));
    let return_to = query.return_to;
    AfterLogout { return_to, state }
}

/// `GET logout`, of a person who follows a link: a page with the button. Nobody is signed out by a link,
/// which any site may have its visitors load.
pub(crate) fn logout_button(app: Option<&App>, request: &Parts, home: &str) -> Response {
    let after = app.and_then(|app| after_logout(app, request).encode());
    let after = after.unwrap_or_default();
    page::logout(&after, home)
}

/// The page of the app that comes after a logout.
fn page(app: &App, return_to: Option<ReturnTo>) -> Location {
    return_to.map_or_else(|| Location::of_app(app.spec.after_logout), Location::from)
}

/// The provider's own logout. `None`: it has none, or the attribute wants none.
fn by_provider(
    app: &App,
    session: &Session,
    after: &AfterLogout,
    cookies: &mut Vec<HeaderValue>,
) -> Option<Location> {
    let LogoutSpec::Provider { return_parameter } = app.spec.logout else {
        return None;
    };
    let metadata = app.provider.known_metadata()?;
    let endpoint = metadata.end_session.as_ref()?;
    let landing = app.spec.paths.signed_out;
    let landing = landing.map(|path| format!("{}/{path}", app.spec.base_path));
    let (back, state) = match &landing {
        Some(landing) => (landing.as_str(), after.encode()),
        None => (app.spec.after_logout, after.state.clone()),
    };
    if landing.is_none() && after.return_to.is_some() {
        log::warn!(
            "the `returnTo` of a logout is left out: the provider comes back to `after_logout` alone; write \
             `paths(signed_out = \"signed-out\")`, and register that URL as the one to come back to"
        );
    }
    let id_token = session.id_token();
    let end_session = EndSession {
        id_token_hint: id_token.as_ref().map(|token| token.expose_secret()),
        return_parameter,
        back: &app.config.app_url.join(back),
        state: state.as_deref(),
    };
    let (url, left_out) = end_session.url(endpoint, app.provider.client());
    if left_out {
        log::info!(
            "the `id_token_hint` of a logout is left out: the URL would be longer than proxies take, and \
             the provider may ask the user instead"
        );
    }
    if landing.is_some() && !end_session.is_standard() {
        cookies.extend(state.and_then(|state| remember(app, &state)));
    }
    Some(url.into())
}

/// `GET signed_out`: where the provider comes back to after a logout, and the browser goes on to its
/// `returnTo`.
pub(crate) fn signed_out(app: &App, request: &Parts, cookies: &mut Vec<HeaderValue>) -> Response {
    let by_state = AfterLogout::parse(request.uri.query().unwrap_or_default());
    let by_cookie = by_state
        .is_none()
        .then(|| recall(app, &request.headers, cookies))
        .flatten();
    let has_cookie = by_cookie.is_some();
    let after = by_state.or(by_cookie).unwrap_or_default();
    let state = after.state.as_deref().map(|state| ("state", state));
    let page = page(app, after.return_to).with_query(state.as_slice());
    let mut response = response::see_other(&page);
    let kinds = app.spec.clear_site_data.iter().copied();
    forget(
        &mut response,
        kinds.filter(|it| has_cookie && *it == COOKIES),
    );
    response
}

/// Returns the cookie that says what to do after a logout, for a provider that hands back no `state`.
fn remember(app: &App, after: &str) -> Option<HeaderValue> {
    let cookies = &app.config.cookies;
    let name = cookies.transaction_name(AFTER_LOGOUT);
    let value = [&NOT_BEGUN, after.as_bytes()].concat();
    let sealed = app
        .config
        .keys
        .seal(Purpose::Transaction, &name, &value, None);
    cookies.set_transaction(&name, &sealed.ok()?, app.spec.session.transaction)
}

/// Reads that cookie, and removes it.
fn recall(app: &App, request: &HeaderMap, removed: &mut Vec<HeaderValue>) -> Option<AfterLogout> {
    let cookies = &app.config.cookies;
    let name = cookies.transaction_name(AFTER_LOGOUT);
    let is_it = |(it, value)| (it == name).then_some(value);
    let value = cookies.transactions(request).find_map(is_it)?;
    removed.extend(cookies.clear_transaction(&name));
    let opened = app
        .config
        .keys
        .open_first(Purpose::Transaction, &name, value)?;
    let after = core::str::from_utf8(opened.strip_prefix(&NOT_BEGUN)?).ok()?;
    Some(AfterLogout::decode(after))
}

/// Ends the session on all machines: whoever kept the cookie is signed out with it.
async fn end(app: &Arc<App>, request: &Parts, session: &Session) -> SignedOut {
    let signed_out = app.sessions.sign_out(session.id()).await;
    if signed_out != SignedOut::Nowhere {
        if app.spec.revoke_at_logout {
            app.revoke_in_background(session.refresh_token());
        }
        let occasion = app.occasion(request);
        app.emit(&Event::SignedOut { session, occasion });
    }
    signed_out
}

/// The answer to a logout by `fetch`: the page goes there itself.
#[derive(Serialize)]
struct Body<'a> {
    success: bool,
    #[serde(rename = "redirectTo")]
    redirect_to: &'a str,
}

/// Returns whether a script asks. One cannot follow a redirect to the provider, which is another origin; a
/// browser tells its calls from a form that is submitted (W3C Fetch Metadata §2.3). One that asks
/// for HTML all the same does what the browser would have done.
fn wants_json(headers: &HeaderMap) -> bool {
    let is_call = headers
        .get("sec-fetch-mode")
        .is_some_and(|mode| mode != "navigate");
    let wants_json = page::weight(headers, "application", "json").is_some_and(|it| it > 0);
    (is_call || page::is_script(headers) || wants_json) && !page::prefers_html(headers)
}
