//! The end-session endpoint: OpenID Connect RP-Initiated Logout §2.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use url::Url;

use super::authorize::{current_sid, see_other};
use super::pages;
use super::params::{GivenTwice, Params};
use super::shared::Shared;

pub(super) async fn logout(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (shared, headers) = (&shared, &headers);
    let params = match Params::of(&method, &uri, &body) {
        Ok(params) => params,
        Err(GivenTwice(name)) => {
            return refuse(&format!("The parameter “{name}” was given more than once."));
        }
    };
    let own = shared.manner.and_then(|manner| manner.logout_parameter);
    if let Some(name) = own
        && (params.get(name).is_none() || params.get("client_id").is_none())
    {
        return refuse(&format!("“client_id” and “{name}” are needed."));
    }
    let next = match Next::of(shared, &params, own) {
        Ok(next) => next,
        Err(reason) => return refuse(&reason),
    };
    let sid = current_sid(shared, headers).filter(|sid| shared.store().login(sid).is_some());
    // §2: without a hint that fits, ask. Where nobody is signed in there is nothing to ask.
    let confirmed = own.is_some() || (method == Method::POST && params.get("confirm").is_some());
    let hinted = next.hint_sid.is_some() && (sid.is_none() || sid == next.hint_sid);
    if !confirmed && !hinted && sid.is_some() {
        return pages::confirm_logout(&params, next.url.as_ref());
    }
    for ended in sid.into_iter().chain(next.hint_sid) {
        shared.store().end_login(&ended);
    }
    let cookie = format!(
        "{}=; Path=/auth; HttpOnly; SameSite=Lax; Max-Age=0",
        shared.cookie
    );
    let response = match next.url {
        Some(url) => see_other(url.as_str()),
        None => pages::signed_out(),
    };
    ([(header::SET_COOKIE, cookie)], response).into_response()
}

/// Where to go next: nowhere but to a page of the client that asks.
struct Next {
    url: Option<Url>,
    hint_sid: Option<String>,
}

impl Next {
    fn of(shared: &Shared, params: &Params, own: Option<&str>) -> Result<Self, String> {
        let hint = match params.get("id_token_hint") {
            // An ID token that has run out is a fine hint.
            Some(token) => Some(
                shared
                    .keys()
                    .open(token)
                    .filter(|claims| text(claims, "iss") == Some(&shared.iss))
                    .ok_or("“id_token_hint” is not an ID token of this provider.")?,
            ),
            None => None,
        };
        let audience = hint.as_ref().and_then(|claims| text(claims, "aud"));
        let client_id = match (params.get("client_id"), audience) {
            (Some(id), Some(audience)) if id != audience => {
                return Err("“client_id” and “id_token_hint” do not belong together.".to_owned());
            }
            (given, audience) => given.or(audience),
        };
        let back = params.get(own.unwrap_or("post_logout_redirect_uri"));
        let url = match (back, client_id) {
            (None, _) => None,
            (Some(_), None) => {
                return Err(
                    "With “post_logout_redirect_uri” goes “client_id” or “id_token_hint”."
                        .to_owned(),
                );
            }
            (Some(uri), Some(id)) => {
                let known = shared.client(id).is_some_and(|c| c.allows_post_logout(uri));
                let url = Url::parse(uri).ok().filter(|_| known);
                let mut url =
                    url.ok_or_else(|| format!("“{uri}” is not a page of the client “{id}”."))?;
                if let Some(state) = params.get("state").filter(|_| own.is_none()) {
                    url.query_pairs_mut().append_pair("state", state);
                }
                Some(url)
            }
        };
        let hint_sid = hint.as_ref().and_then(|claims| text(claims, "sid"));
        Ok(Self {
            url,
            hint_sid: hint_sid.map(str::to_owned),
        })
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

fn refuse(reason: &str) -> Response {
    pages::error(
        StatusCode::BAD_REQUEST,
        "This sign-out cannot go on",
        reason,
    )
}
