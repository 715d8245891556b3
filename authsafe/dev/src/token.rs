//! The token endpoint: RFC 6749 §3.2.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::claims;
use super::client::Client;
use super::endpoint::Endpoint;
use super::error::DevError;
use super::knobs::{ClientAuth, Object};
use super::manner::Renewal;
use super::oauth_error::{OAuthError, no_store};
use super::params::Params;
use super::shared::{Shared, random_secret};
use super::store::{Access, Redeemed};

pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer(&shared, &headers, &body) {
        Ok(body) => no_store(Json(body)),
        Err(error) if shared.manner.is_some_and(|manner| manner.own_errors) => {
            error.in_authsafes_form(Endpoint::Token.path(), shared.now())
        }
        Err(error) => error.into_response(),
    }
}

fn answer(
    shared: &Shared,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Map<String, Value>, OAuthError> {
    let params = form(headers, body)?;
    let client = client(shared, headers, &params)?;
    match required(&params, "grant_type")? {
        "authorization_code" => from_code(shared, client, &params),
        "refresh_token" => from_refresh(shared, client, &params),
        other => Err(OAuthError::bad_request(
            "unsupported_grant_type",
            format!("`{other}` is not offered; write `authorization_code` or `refresh_token`"),
        )),
    }
}

fn from_code(
    shared: &Shared,
    client: &Client,
    params: &Params,
) -> Result<Map<String, Value>, OAuthError> {
    let redeemed = shared
        .store()
        .redeem_code(
            required(params, "code")?,
            &client.id,
            required(params, "redirect_uri")?,
            required(params, "code_verifier")?,
            shared.now(),
        )
        .map_err(OAuthError::invalid_grant)?;
    let scopes = redeemed.grant.scopes.clone();
    Ok(issue(shared, &redeemed, scopes, true)?)
}

fn from_refresh(
    shared: &Shared,
    client: &Client,
    params: &Params,
) -> Result<Map<String, Value>, OAuthError> {
    let token = required(params, "refresh_token")?;
    let rotate = shared.knobs().rotate_refresh_tokens;
    let gives_another = shared
        .manner
        .is_some_and(|it| it.renewal == Renewal::Another);
    let granted = shared
        .store()
        .refresh(token)
        .map(|grant| grant.scopes.clone());
    let narrowed = narrowed(params.get("scope"), granted.as_deref())?;
    let redeemed = shared
        .store()
        .redeem_refresh(token, &client.id, rotate)
        .map_err(OAuthError::invalid_grant)?;
    let scopes = narrowed.unwrap_or_else(|| redeemed.grant.scopes.clone());
    Ok(issue(shared, &redeemed, scopes, rotate || gives_another)?)
}

/// RFC 6749 §6: a refresh may ask for less, not for more.
fn narrowed(
    asked: Option<&str>,
    granted: Option<&[String]>,
) -> Result<Option<Vec<String>>, OAuthError> {
    let (Some(asked), Some(granted)) = (asked, granted) else {
        return Ok(None);
    };
    let asked: Vec<String> = asked.split_ascii_whitespace().map(str::to_owned).collect();
    match asked.iter().find(|scope| !granted.contains(scope)) {
        Some(scope) => Err(OAuthError::bad_request(
            "invalid_scope",
            format!("`{scope}` was not granted at sign-in"),
        )),
        None => Ok(Some(asked)),
    }
}

fn issue(
    shared: &Shared,
    redeemed: &Redeemed,
    scopes: Vec<String>,
    new_refresh_token: bool,
) -> Result<Map<String, Value>, DevError> {
    let Redeemed { id, grant, nonce } = redeemed;
    let granted = |name: &str| grant.scopes.iter().any(|scope| scope == name);
    let now = shared.now();
    let lifetime = shared.knobs().access_token_lifetime.as_secs();
    let access = Access {
        grant: *id,
        audience: grant.client_id.clone(),
        scopes,
        issued_at: now,
        expires_at: now + lifetime,
    };
    let access_token = claims::access_token(shared, grant, &access)?;

    let mut body = Map::new();
    let mut say = |name: &str, value: Value| body.insert(name.to_owned(), value);
    say("token_type", json!("Bearer"));
    say("expires_in", json!(lifetime));
    say("scope", json!(access.scopes.join(" ")));
    say("access_token", json!(access_token));
    if granted("openid") {
        let id_token = claims::id_token(shared, grant, nonce.as_deref(), &access_token, now)?;
        say("id_token", json!(id_token));
    }
    let mut store = shared.store();
    if grant.has_refresh_token && new_refresh_token {
        let refresh_token = random_secret()?;
        say("refresh_token", json!(refresh_token));
        store.add_refresh(refresh_token, *id);
    }
    store.add_access(access_token, access);
    drop(store);

    Ok(shared.tampered(Object::TokenResponse, body))
}

impl From<DevError> for OAuthError {
    fn from(error: DevError) -> Self {
        Self::server_error(error.to_string())
    }
}

pub(super) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Params, OAuthError> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OAuthError::invalid_request(
            "the body must be `application/x-www-form-urlencoded`",
        ));
    }
    Ok(Params::parse(body)?)
}

/// Client authentication, in one way, or `none`: RFC 6749 §2.3.1 and §3.2.1.
pub(super) fn client<'a>(
    shared: &'a Shared,
    headers: &HeaderMap,
    params: &Params,
) -> Result<&'a Client, OAuthError> {
    let in_header = headers.get(header::AUTHORIZATION).map(basic).transpose()?;
    let method = shared.knobs().client_auth;
    let (id, secret) = match (&in_header, method) {
        (Some(_), ClientAuth::Post) => {
            return Err(OAuthError::invalid_client(
                "send `client_id` and `client_secret` in the body, not in `Authorization`",
            ));
        }
        // §2.3: not in more than one way.
        (Some(_), ClientAuth::Basic | ClientAuth::Either)
            if params.get("client_secret").is_some() =>
        {
            return Err(OAuthError::invalid_request(
                "send `client_secret` in `Authorization` or in the body, not in both",
            ));
        }
        (Some((id, secret)), ClientAuth::Basic | ClientAuth::Either) => {
            (Some(id.as_str()), Some(secret.as_str()))
        }
        (None, ClientAuth::Basic) if params.get("client_secret").is_some() => {
            return Err(OAuthError::invalid_client(
                "send `client_secret` in `Authorization`, not in the body",
            ));
        }
        (None, _) => (params.get("client_id"), params.get("client_secret")),
    };
    let id = id.ok_or_else(|| OAuthError::invalid_client("`client_id` is missing"))?;
    let client = shared
        .client(id)
        .ok_or_else(|| OAuthError::invalid_client("there is no client with this `client_id`"))?;
    if client.authenticates(secret) {
        return Ok(client);
    }
    Err(OAuthError::invalid_client(if client.secret.is_some() {
        "`client_secret` is missing or wrong"
    } else {
        "this is a public client; leave `client_secret` out"
    }))
}

/// Reads the id and the secret in a header (RFC 6749 §2.3.1, RFC 7617 §2).
fn basic(header: &HeaderValue) -> Result<(String, String), OAuthError> {
    let pair = || {
        let (scheme, pair) = header.to_str().ok()?.split_once(' ')?;
        let pair = base64_simd::STANDARD.decode_to_vec(pair).ok()?;
        let pair = String::from_utf8(pair).ok()?;
        let (id, secret) = pair.split_once(':')?;
        let is_basic = scheme.eq_ignore_ascii_case("Basic");
        is_basic.then(|| (decoded(id), decoded(secret)))
    };
    pair().ok_or_else(|| OAuthError::invalid_client("`Authorization` is no Basic credentials"))
}

/// One value of a form, decoded.
fn decoded(text: &str) -> String {
    let form = format!("value={}", text.replace('&', "%26"));
    let mut pairs = form_urlencoded::parse(form.as_bytes());
    pairs
        .next()
        .map(|(_, it)| it.into_owned())
        .unwrap_or_default()
}

pub(super) fn required<'a>(params: &'a Params, name: &str) -> Result<&'a str, OAuthError> {
    params
        .get(name)
        .ok_or_else(|| OAuthError::invalid_request(format!("`{name}` is missing")))
}
