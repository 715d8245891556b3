//! The authorization endpoint: RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::pages;
use super::params::{GivenTwice, Params};
use super::pkce;
use super::shared::{Shared, random_secret};
use super::store::{Code, Grant, Login};

/// What the page hands back when someone chose; everything else is left out.
pub(super) const KEPT: [&str; 13] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "max_age",
    "login_hint",
    "access_type",
    "prompt",
];

pub(super) async fn authorize(
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
    let back = match Back::of(shared, &params) {
        Ok(back) => back,
        Err(reason) => return refuse(&reason),
    };
    match decide(shared, headers, &params) {
        Ok(Decision::Ask) => pages::sign_in(shared, &params, &back.redirect_uri),
        Ok(Decision::UnknownUser(id)) => refuse(&format!(
            "There is no user “{id}” here. Write the id that was given to User::new."
        )),
        Ok(Decision::Sign(user)) => sign_in(shared, headers, &params, &back, user),
        Ok(Decision::Silently { sid, login }) => with_code(shared, &params, &back, sid, login),
        Err((error, description)) => {
            back.redirect(&[("error", error), ("error_description", description)])
        }
    }
}

/// §4.1.2.1: without a client and a redirect URI that belong together, nobody is redirected.
struct Back {
    redirect_uri: Url,
    state: Option<String>,
    iss: Option<String>,
    /// OAuth 2.0 Form Post Response Mode.
    form_post: bool,
}

impl Back {
    fn of(shared: &Shared, params: &Params) -> Result<Self, String> {
        let Some(id) = params.get("client_id") else {
            return Err("The app did not say which app it is: “client_id” is missing.".to_owned());
        };
        let Some(client) = shared.client(id) else {
            let known: Vec<&str> = shared.clients.iter().map(|c| c.id.as_str()).collect();
            return Err(format!(
                "There is no client “{id}” here. The ones there are: {}.",
                known.join(", ")
            ));
        };
        let Some(redirect_uri) = params.get("redirect_uri") else {
            return Err(
                "The app did not say where to go next: “redirect_uri” is missing.".to_owned(),
            );
        };
        if !client.allows_redirect(redirect_uri) {
            return Err(if client.redirect_uris.is_empty() {
                format!(
                    "“{redirect_uri}” does not lie on this machine (http://localhost:PORT/...)."
                )
            } else {
                format!(
                    "“{redirect_uri}” is not registered for this client. The ones that are: {}.",
                    client.redirect_uris.join(", ")
                )
            });
        }
        let redirect_uri = Url::parse(redirect_uri)
            .map_err(|error| format!("“{redirect_uri}” is not a URL: {error}."))?;
        Ok(Self {
            redirect_uri,
            state: params.get("state").map(str::to_owned),
            iss: shared.knobs().response_iss.then(|| shared.iss.clone()),
            form_post: params.get("response_mode") == Some("form_post"),
        })
    }

    fn redirect(&self, answer: &[(&str, &str)]) -> Response {
        let state = self.state.as_deref().map(|state| ("state", state));
        // RFC 9207 §2: with errors too.
        let iss = self.iss.as_deref().map(|iss| ("iss", iss));
        let pairs = || answer.iter().copied().chain(state).chain(iss);
        if self.form_post {
            return pages::form_post(&self.redirect_uri, pairs());
        }
        let mut url = self.redirect_uri.clone();
        url.query_pairs_mut().extend_pairs(pairs());
        see_other(url.as_str())
    }
}

enum Decision {
    Ask,
    Sign(usize),
    Silently { sid: String, login: Login },
    UnknownUser(String),
}

type AuthorizationError = (&'static str, &'static str);

fn decide(
    shared: &Shared,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Decision, AuthorizationError> {
    check(params)?;
    if let Some(refusal) = shared.manner.and_then(|it| it.refusal(shared, params)) {
        return Err(refusal);
    }
    if params.get("cancel").is_some() {
        return Err(("access_denied", "The user cancelled the sign-in."));
    }
    if let Some(id) = params.get("user") {
        return Ok(match shared.user(id) {
            Some(user) => Decision::Sign(user),
            None => Decision::UnknownUser(id.to_owned()),
        });
    }
    let prompts: Vec<&str> = params
        .get("prompt")
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    if !prompts.contains(&"none") {
        return Ok(Decision::Ask);
    }
    if prompts.len() > 1 {
        return Err(("invalid_request", "`prompt=none` stands alone."));
    }
    silently(shared, headers, max_age(params)?).ok_or((
        "login_required",
        "Nobody is signed in at the provider, or not recently enough.",
    ))
}

/// What does not depend on who signs in.
fn check(params: &Params) -> Result<(), AuthorizationError> {
    match params.get("response_type") {
        Some("code") => {}
        None => return Err(("invalid_request", "`response_type` is missing.")),
        Some(_) => {
            return Err((
                "unsupported_response_type",
                "Only `response_type=code` is offered.",
            ));
        }
    }
    if params.get("request").is_some() {
        return Err(("request_not_supported", "`request` is not offered."));
    }
    if params.get("request_uri").is_some() {
        return Err(("request_uri_not_supported", "`request_uri` is not offered."));
    }
    if !matches!(
        params.get("response_mode"),
        None | Some("query" | "form_post")
    ) {
        return Err((
            "invalid_request",
            "Only `query` and `form_post` are offered as `response_mode`.",
        ));
    }
    // RFC 7636 §4.3: a method that is left out means `plain`.
    match (
        params.get("code_challenge"),
        params.get("code_challenge_method"),
    ) {
        (None, _) => Err((
            "invalid_request",
            "`code_challenge` is missing; PKCE is required.",
        )),
        (_, method) if method != Some("S256") => {
            Err(("invalid_request", "`code_challenge_method` must be `S256`."))
        }
        (Some(challenge), _) if !pkce::is_challenge(challenge) => Err((
            "invalid_request",
            "`code_challenge` must be 43 characters of base64url.",
        )),
        _ => max_age(params).map(|_| ()),
    }
}

fn max_age(params: &Params) -> Result<Option<u64>, AuthorizationError> {
    params
        .get("max_age")
        .map(str::parse)
        .transpose()
        .map_err(|_| ("invalid_request", "`max_age` must be a number of seconds."))
}

fn silently(shared: &Shared, headers: &HeaderMap, max_age: Option<u64>) -> Option<Decision> {
    let sid = current_sid(shared, headers)?;
    let login = shared.store().login(&sid)?;
    let age = shared.now().saturating_sub(login.auth_time);
    match max_age {
        Some(max_age) if age > max_age => None,
        _ => Some(Decision::Silently { sid, login }),
    }
}

fn sign_in(
    shared: &Shared,
    headers: &HeaderMap,
    params: &Params,
    back: &Back,
    user: usize,
) -> Response {
    let Ok(new) = random_secret() else {
        return back.redirect(&[("error", "server_error")]);
    };
    // Whoever is signed in here already is so once.
    let here = current_sid(shared, headers).filter(|sid| {
        let is_of = |login: Login| login.user == user;
        shared.manner.is_some() && shared.store().login(sid).is_some_and(is_of)
    });
    let sid = here.unwrap_or(new);
    let login = Login {
        user,
        auth_time: shared.now(),
    };
    shared.store().add_login(sid.clone(), login);
    let cookie = format!(
        "{}={sid}; Path=/auth; HttpOnly; SameSite=Lax",
        shared.cookie
    );
    let response = with_code(shared, params, back, sid, login);
    ([(header::SET_COOKIE, cookie)], response).into_response()
}

fn with_code(shared: &Shared, params: &Params, back: &Back, sid: String, login: Login) -> Response {
    let Ok(code) = random_secret() else {
        return back.redirect(&[("error", "server_error")]);
    };
    let given = |name| params.get(name).unwrap_or_default().to_owned();
    let client_id = given("client_id");
    let scopes = shared.users[login.user].grant(&given("scope"), &shared.standard_scopes());
    let is_first = shared.store().consent(&client_id, login.user);
    let has_refresh_token = match shared.manner {
        Some(manner) => manner.gives_refresh_token(&scopes, params, is_first),
        None => scopes.iter().any(|scope| scope == "offline_access"),
    };
    let grant = Grant {
        client_id,
        user: login.user,
        scopes,
        sid,
        auth_time: login.auth_time,
        has_refresh_token,
    };
    if grant.scopes.is_empty() {
        return back.redirect(&[
            ("error", "invalid_scope"),
            (
                "error_description",
                "None of the scopes asked for can be granted.",
            ),
        ]);
    }
    let details = Code {
        redirect_uri: given("redirect_uri"),
        challenge: given("code_challenge"),
        nonce: params.get("nonce").map(str::to_owned),
        issued_at: shared.now(),
    };
    shared.store().add_code(code.clone(), grant, details);
    back.redirect(&[("code", &code)])
}

/// The browser's session at the provider, if it names one.
pub(super) fn current_sid(shared: &Shared, headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split("; "))
        .filter_map(|cookie| cookie.split_once('='))
        .find(|(name, _)| *name == shared.cookie)
        .map(|(_, sid)| sid.to_owned())
}

/// 303, so that a POST is followed by a GET.
pub(super) fn see_other(location: &str) -> Response {
    (
        StatusCode::SEE_OTHER,
        [
            (header::LOCATION, location),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
        ],
    )
        .into_response()
}

fn refuse(reason: &str) -> Response {
    pages::error(StatusCode::BAD_REQUEST, "This sign-in cannot go on", reason)
}
