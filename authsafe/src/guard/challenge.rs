//! What a refused API client is told in `WWW-Authenticate`: why, and what would help (RFC 6750 §3,
//! RFC 9470 §3, RFC 9728 §5.1).

use http::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use http::request::Parts;

use crate::auth::{Auth, Demand};
use crate::error::{Error, GuardError};
use crate::policy::Policy;
use crate::response::Response;
use crate::types::is_scope_token;

/// The answer to a refusal, with a challenge where the app takes bearer tokens.
pub(crate) fn refuse(
    auth: &Auth,
    request: &Parts,
    (policy, demand): (&Policy, &Demand<'_>),
    error: GuardError,
) -> Response {
    let with_token = auth.is_bearer(&request.headers);
    let error = match error {
        // RFC 6750 §3.1 has one word for all that a token may lack.
        GuardError::Forbidden if with_token => GuardError::InsufficientScope,
        other => other,
    };
    let mut response = auth.refuse_by(error, request, demand);
    let is_of_sign_in = !with_token && error != GuardError::Unauthenticated;
    if !is_of_sign_in && let Some(challenge) = challenge(auth, policy, error) {
        set(response.headers_mut(), challenge);
    }
    response
}

/// In the place of ours, but not of one that the app's own answer has.
fn set(headers: &mut HeaderMap, challenge: HeaderValue) {
    match headers.get(WWW_AUTHENTICATE) {
        Some(own) if own != "Session" => {}
        _ => drop(headers.insert(WWW_AUTHENTICATE, challenge)),
    }
}

fn challenge(auth: &Auth, policy: &Policy, error: GuardError) -> Option<HeaderValue> {
    let app = auth.app()?;
    let bearer = app.config.bearer.as_ref()?;
    let told = match error {
        // §3.1: who sent no token is told no error.
        GuardError::Unauthenticated => None,
        GuardError::InvalidRequest => Some("invalid_request"),
        GuardError::InvalidToken => Some("invalid_token"),
        GuardError::InsufficientScope => Some("insufficient_scope"),
        GuardError::ReauthenticationRequired => Some("insufficient_user_authentication"),
        _ => return None,
    };
    let mut challenge = format!("Bearer realm=\"{}\"", app.config.app_url.origin());
    let mut say = |name: &str, value: &str| {
        // None of these values has one of the two in it; were one to, it is not said.
        if !value.contains(['"', '\\']) {
            challenge += &format!(", {name}=\"{value}\"");
        }
    };
    if let Some(told) = told {
        say("error", told);
        say("error_description", Error::from(error).message());
    }
    match error {
        GuardError::InsufficientScope => {
            let scopes = scopes(policy);
            if !scopes.is_empty() {
                say("scope", &scopes.join(" "));
            }
        }
        GuardError::ReauthenticationRequired => {
            if let Some(max_age) = policy.max_age() {
                say("max_age", &max_age.as_secs().to_string());
            }
        }
        _ => {}
    }
    if let Some(metadata) = &bearer.metadata {
        say("resource_metadata", metadata.as_str());
    }
    HeaderValue::from_str(&challenge).ok()
}

/// Scopes with which the policy would hold, as far as scopes can help: all that it names, and of
/// alternatives the first that names any. They say what is needed, not what this token lacks.
fn scopes(policy: &Policy) -> Vec<&'static str> {
    let mut scopes = Vec::new();
    collect(policy, &mut scopes);
    scopes
}

fn collect(policy: &Policy, scopes: &mut Vec<&'static str>) {
    match *policy {
        Policy::Scope(scope) if is_scope_token(scope) && !scopes.contains(&scope) => {
            scopes.push(scope);
        }
        Policy::All(all) => all.iter().for_each(|it| collect(it, scopes)),
        Policy::Any(any) => {
            let mut ways = any.iter().map(self::scopes).filter(|way| !way.is_empty());
            let way = ways.next().unwrap_or_default();
            for scope in way {
                collect(&Policy::Scope(scope), scopes);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Policy::{All, Any, Not, Role, Scope};

    #[test]
    fn the_scopes_of_a_policy_are_those_that_would_help() {
        for (policy, expected) in [
            (Scope("a"), "a"),
            (All(&[Scope("a"), Scope("b"), Scope("a")]), "a b"),
            (Any(&[Scope("a"), Scope("b")]), "a"),
            (Any(&[Role("r"), Scope("b")]), "b"),
            (All(&[Scope("a"), Any(&[Scope("b"), Scope("c")])]), "a b"),
            (Any(&[All(&[Scope("b"), Scope("c")]), Scope("a")]), "b c"),
            (All(&[Scope("a"), Not(&Scope("b")), Role("r")]), "a"),
            (Role("r"), ""),
            (Not(&Scope("a")), ""),
            (Policy::SignedIn, ""),
            (All(&[Scope("a\" x=\"y"), Scope("a b"), Scope("b")]), "b"),
        ] {
            assert_eq!(scopes(&policy).join(" "), expected, "{policy:?}");
        }
    }
}
