//! `POST callback`: the provider's answer in a form (OAuth 2.0 Form Post Response Mode).

use std::sync::Arc;

use http::header::HeaderValue;
use http::request::Parts;
use http::{HeaderMap, Method};

use super::app::App;
use super::callback::{callback, finish};
use super::cancelled::Refused;
use super::transactions;
use super::why::Why;
use crate::error::CallbackError;
use crate::protocol::callback::AuthorizationResponse;
use crate::protocol::form_post;
use crate::protocol::refusal::media_type;
use crate::response::{self, Response};

/// `POST callback`: from the form that the browser brings to a session.
///
/// The provider's page posts it, which is another site: browsers send no cookie along that is
/// `SameSite=Lax`, neither that of the sign-in nor the session's. So the first answer is a page that posts
/// the same form again, from our own site. What it takes to finish is what it takes in a query: a
/// `state`, and the cookie of the sign-in that it is of.
pub(crate) async fn form_callback(
    app: &Arc<App>,
    request: &Parts,
    body: &[u8],
    cookies: &mut Vec<HeaderValue>,
    why: &Why,
) -> Result<Response, Refused> {
    if request.method == Method::GET {
        return callback(app, request, cookies, why).await;
    }
    if !is_form(&request.headers) {
        return Err(Refused::by(CallbackError::UnknownState));
    }
    let form = String::from_utf8_lossy(body);
    let answer = AuthorizationResponse::parse(&form).map_err(Refused::by)?;
    if !transactions::is_here(app, &answer, &request.headers)
        && let Some(page) = form_post::page(&form, &app.config.client.redirect_uri)
    {
        return Ok(response::page(
            page,
            Some(HeaderValue::from_static(form_post::POLICY)),
        ));
    }
    finish(app, request, answer, cookies, why).await
}

pub(super) fn is_form(headers: &HeaderMap) -> bool {
    media_type(headers).eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
