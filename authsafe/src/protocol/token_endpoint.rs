//! The token request and its answer (RFC 6749 §4.1.3, §5, §6; RFC 7636 §4.5).
//!
//! What an answer says of tokens is read as providers write it: they prove nothing by themselves, and what
//! proves them is checked elsewhere. What is no answer is no token.

use core::time::Duration;

use http::Response;
use http::header::WWW_AUTHENTICATE;
use serde::Deserialize;
use serde_json::Value;

use super::claim_paths::list;
use super::refusal::{About, Refusal, Unreadable};
use crate::error::ProviderError;
use crate::types::{CodeVerifier, Scopes, Token, Tokens};

/// The life of an access token that has ended before it came: it is asked for again, and not by each
/// request.
const SHORTEST_LIFE: Duration = Duration::from_secs(60);

/// The good answer of the token endpoint (RFC 6749 §5.1).
#[derive(Debug)]
pub(crate) struct TokenSet {
    pub(crate) tokens: Tokens,
    /// How long the access token is good for (`expires_in`).
    pub(crate) expires_in: Option<Duration>,
    /// The `scope`; left out where it is what was asked for (RFC 6749 §5.1).
    pub(crate) scopes: Option<Scopes>,
    /// Members that were there, in a form that is not understood.
    pub(crate) left_out: Vec<&'static str>,
}

/// The reason that the token endpoint gave no tokens.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// The code or the refresh token is not good, or no longer.
    #[error("the token endpoint answered {0}")]
    InvalidGrant(Refusal),
    /// Any other error of RFC 6749 §5.2: our request is not what the provider expects.
    #[error("the token endpoint answered {0}")]
    Refused(Refusal),
    /// The provider says that it cannot answer now.
    #[error("the token endpoint answered {0}")]
    Trouble(Refusal),
    /// The answer is not that of RFC 6749 §5.1; it may hold a refresh token all the same.
    #[error("the token endpoint's answer cannot be read: {0} ({1})")]
    Malformed(&'static str, Unreadable, Option<Token>),
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] ProviderError),
}

/// Returns the form that exchanges a code.
pub(crate) fn exchange<'a>(
    code: &'a str,
    redirect_uri: &'a str,
    verifier: &'a CodeVerifier,
) -> [(&'static str, &'a str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier.expose_secret()),
    ]
}

/// Returns the form that exchanges a refresh token.
pub(crate) fn refresh(refresh_token: &Token) -> [(&'static str, &str); 2] {
    [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose_secret()),
    ]
}

/// The members of the good answer. One that is there twice is none of JSON that everybody reads alike.
#[derive(Deserialize)]
struct Members {
    access_token: Option<Value>,
    token_type: Option<Value>,
    expires_in: Option<Value>,
    refresh_token: Option<Value>,
    scope: Option<Value>,
    id_token: Option<Value>,
}

/// Reads the answer to a form, whatever its media type is called. Secrets that were sent are kept out of
/// what is told of it.
pub(crate) fn read(
    answer: &Response<Vec<u8>>,
    sent: &[(&str, &str)],
) -> Result<TokenSet, TokenError> {
    let members = serde_json::from_slice::<Members>(answer.body());
    let status = answer.status();
    if status.is_success() {
        return match members {
            Ok(members) => token_set(answer, members),
            Err(_) => {
                let what = "it is not the JSON of a token answer";
                Err(TokenError::Malformed(what, Unreadable::of(answer), None))
            }
        };
    }
    if !status.is_client_error() {
        return Err(no_answer(answer));
    }
    Err(refusal(answer, sent))
}

fn no_answer(answer: &Response<Vec<u8>>) -> TokenError {
    let what = "its status is that of no answer";
    TokenError::Malformed(what, Unreadable::of(answer), None)
}

/// §5.1
fn token_set(answer: &Response<Vec<u8>>, members: Members) -> Result<TokenSet, TokenError> {
    let malformed = |what, dropped| TokenError::Malformed(what, Unreadable::of(answer), dropped);
    let mut left_out = Vec::new();
    let refresh = token("refresh_token", members.refresh_token, &mut left_out);
    let Some(access) = token("access_token", members.access_token, &mut left_out) else {
        return Err(malformed("`access_token` is missing", refresh));
    };
    let wrong = match members.token_type.as_ref().and_then(Value::as_str) {
        Some(kind) if kind.eq_ignore_ascii_case("bearer") => None,
        Some(_) => Some("`token_type` is not Bearer"),
        None => Some("`token_type` is missing"),
    };
    if let Some(wrong) = wrong {
        return Err(malformed(wrong, refresh));
    }
    Ok(TokenSet {
        tokens: Tokens {
            access,
            refresh,
            id: token("id_token", members.id_token, &mut left_out),
        },
        expires_in: members.expires_in.as_ref().and_then(|it| {
            let life = seconds(it);
            if life.is_none() {
                left_out.push("expires_in");
            }
            life
        }),
        // What is told and not understood grants nothing, and is not what was asked for.
        scopes: members.scope.as_ref().map(|it| {
            scopes(it).unwrap_or_else(|| {
                left_out.push("scope");
                Scopes::default()
            })
        }),
        left_out,
    })
}

/// Reads a token. An empty one is none.
fn token(
    name: &'static str,
    value: Option<Value>,
    left_out: &mut Vec<&'static str>,
) -> Option<Token> {
    match value? {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(Token::new(text)),
        _ => {
            left_out.push(name);
            None
        }
    }
}

/// Reads seconds as providers write them: a number or a text, with a fraction or without.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    let seconds = seconds.filter(|it: &f64| it.is_finite())?;
    let life = Duration::try_from_secs_f64(seconds.trunc().max(0.0)).unwrap_or(Duration::MAX);
    Some(match life {
        Duration::ZERO => SHORTEST_LIFE,
        life => life,
    })
}

/// Reads a text, or a list.
fn scopes(value: &Value) -> Option<Scopes> {
    match value {
        Value::String(text) => Some(Scopes::parse(text)),
        value => Some(list(value)?.into_iter().collect()),
    }
}

/// §5.2. Some providers say in words of their own that what a request shows is not good, or in none.
fn refusal(answer: &Response<Vec<u8>>, sent: &[(&str, &str)]) -> TokenError {
    // A challenge is about who asks, and says nothing of what was shown.
    let mut headers = answer.headers().clone();
    headers.remove(WWW_AUTHENTICATE);
    let refusal = Refusal::read(answer.status(), &headers, answer.body(), sent);
    match (refusal.about(), answer.status().as_u16()) {
        (About::Client | About::Request, _) => TokenError::Refused(refusal),
        (About::Shown, _) | (About::Unknown, 400 | 401) => TokenError::InvalidGrant(refusal),
        (About::Trouble, _) => TokenError::Trouble(refusal),
        // The standard has no other status: whatever is before the endpoint refuses any request so.
        (About::Unknown, _) => no_answer(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;
    use http::header::CONTENT_TYPE;
    use serde_json::json;

    fn answer(status: u16, body: impl Into<String>) -> Response<Vec<u8>> {
        let mut answer = Response::new(body.into().into_bytes());
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        answer
    }

    fn read_at(status: u16, body: &str) -> Result<TokenSet, TokenError> {
        read(&answer(status, body), &[])
    }

    fn with(name: &str, value: Value) -> Result<TokenSet, TokenError> {
        let mut body = json!({"access_token": "a", "token_type": "Bearer", "refresh_token": "r"});
        body[name] = value;
        read_at(200, &body.to_string())
    }

    fn malformed(read: Result<TokenSet, TokenError>) -> (&'static str, Option<String>) {
        match read {
            Err(TokenError::Malformed(what, _, dropped)) => {
                (what, dropped.map(|it| it.expose_secret().to_owned()))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_form_says_what_is_exchanged_and_nothing_of_the_client() {
        let verifier = CodeVerifier::new([0; 32]);
        let form = exchange("c", "https://app.example/callback", &verifier);
        assert_eq!(
            form.map(|(name, _)| name),
            ["grant_type", "code", "redirect_uri", "code_verifier"]
        );
        let token = Token::new("r");
        assert_eq!(
            refresh(&token),
            [("grant_type", "refresh_token"), ("refresh_token", "r")]
        );
    }

    #[test]
    fn any_success_with_tokens_is_an_answer() {
        let body = r#"{"access_token": "a", "token_type": "bearer", "id_token": "i"}"#;
        for status in [200, 201] {
            let read = read_at(status, body).unwrap();
            assert_eq!(read.tokens.access.expose_secret(), "a");
            assert_eq!(read.tokens.id.unwrap().expose_secret(), "i");
            assert!(read.tokens.refresh.is_none() && read.scopes.is_none());
            assert!(read.expires_in.is_none() && read.left_out.is_empty());
        }
        for (status, body) in [
            (408, ""),
            (421, ""),
            (425, ""),
            (200, ""),
            (200, "<html>"),
            (200, "[]"),
            (204, ""),
            (302, body),
        ] {
            malformed(read_at(status, body));
        }
    }

    #[test]
    fn what_cannot_be_read_says_its_status_and_media_type() {
        for (status, body, told) in [
            (
                200,
                "<html>",
                "it is not the JSON of a token answer (200 text/html)",
            ),
            (302, "", "its status is that of no answer (302 text/html)"),
            (200, "{}", "`access_token` is missing (200 text/html)"),
        ] {
            let mut answer = answer(status, body);
            let html = "text/html; charset=utf-8".parse().unwrap();
            answer.headers_mut().insert(CONTENT_TYPE, html);
            let error = read(&answer, &[]).unwrap_err().to_string();
            assert!(error.ends_with(told), "{error}");
        }
    }

    #[test]
    fn the_token_type_may_be_in_any_case_and_has_to_be_there() {
        for kind in ["Bearer", "bearer", "BEARER"] {
            assert!(with("token_type", json!(kind)).is_ok());
        }
        let dropped = Some("r".to_owned());
        for missing in [json!(null), json!(5)] {
            let (what, token) = malformed(with("token_type", missing));
            assert_eq!((what, &token), ("`token_type` is missing", &dropped));
        }
        for other in ["mac", "DPoP", "", "N_A"] {
            let (what, token) = malformed(with("token_type", json!(other)));
            assert_eq!((what, &token), ("`token_type` is not Bearer", &dropped));
        }
    }

    #[test]
    fn without_an_access_token_there_is_no_answer() {
        for missing in [json!(null), json!(""), json!(5), json!({})] {
            let (what, dropped) = malformed(with("access_token", missing));
            assert_eq!(what, "`access_token` is missing");
            assert_eq!(dropped.as_deref(), Some("r"));
        }
        let twice = r#"{"access_token": "a", "access_token": "b", "token_type": "Bearer"}"#;
        malformed(read_at(200, twice));
    }

    #[test]
    fn an_empty_token_is_none() {
        for (value, left_out) in [
            (json!(null), &[][..]),
            (json!(""), &[]),
            (json!(5), &["id_token"]),
            (json!(["i"]), &["id_token"]),
        ] {
            let read = with("id_token", value).unwrap();
            assert!(read.tokens.id.is_none());
            assert_eq!(read.left_out, left_out);
        }
        assert!(
            with("refresh_token", json!(""))
                .unwrap()
                .tokens
                .refresh
                .is_none()
        );
        assert!(
            with("refresh_token", json!(null))
                .unwrap()
                .tokens
                .refresh
                .is_none()
        );
    }

    #[test]
    fn a_life_is_read_in_each_form() {
        for (value, life) in [
            (json!(3600), Some(3600)),
            (json!("3600"), Some(3600)),
            (json!(" 3600.5 "), Some(3600)),
            (json!(3600.9), Some(3600)),
            (json!(1), Some(1)),
            (json!(0), Some(60)),
            (json!("0"), Some(60)),
            (json!(0.5), Some(60)),
            (json!(-5), Some(60)),
            (json!(u64::MAX), Some(u64::MAX)),
            (json!(1e300), Some(u64::MAX)),
            (json!(null), None),
        ] {
            let read = with("expires_in", value.clone()).unwrap();
            assert_eq!(read.expires_in.map(|it| it.as_secs()), life, "{value}");
            assert!(read.left_out.is_empty());
        }
        for odd in [
            json!("soon"),
            json!("inf"),
            json!("NaN"),
            json!(""),
            json!({}),
            json!(true),
        ] {
            let read = with("expires_in", odd.clone()).unwrap();
            assert_eq!(
                (read.expires_in, &*read.left_out),
                (None, &["expires_in"][..]),
                "{odd}"
            );
        }
    }

    #[test]
    fn scopes_are_a_text_or_a_list() {
        for scope in [json!("openid admin"), json!(["openid", "admin"])] {
            let read = with("scope", scope).unwrap();
            assert_eq!(read.scopes, Some(Scopes::parse("openid admin")));
        }
        for odd in [json!(5), json!({"admin": true}), json!(["admin", 5])] {
            let read = with("scope", odd).unwrap();
            let none = Some(Scopes::default());
            assert_eq!((read.scopes, &*read.left_out), (none, &["scope"][..]));
        }
        assert_eq!(
            with("scope", json!("")).unwrap().scopes,
            Some(Scopes::default())
        );
    }

    #[test]
    fn any_refusal_that_is_not_of_our_request_is_of_what_it_shows() {
        let authsafes = r#"{"statusCode":401,"message":"Unauthorized","error":"Unauthorized"}"#;
        for (status, body) in [
            (400, r#"{"error":"invalid_grant"}"#),
            (401, r#"{"error":"invalid_grant"}"#),
            (403, r#"{"error":"invalid_grant"}"#),
            (400, r#"{"error":"invalid_token"}"#),
            (400, r#"{"message":"expired"}"#),
            (400, r#"{"error":{"code":5}}"#),
            (400, "{}"),
            (400, ""),
            (400, "<html>"),
            (401, ""),
            (401, authsafes),
            (404, r#"{"error":"invalid_grant"}"#),
            (403, r#"{"error":"access_denied"}"#),
            (410, r#"{"error":"expired_token"}"#),
            (403, r#"{"error":"mfa_required","mfa_token":"x"}"#),
            (403, r#"{"error":"login_required"}"#),
        ] {
            let refused = read_at(status, body).unwrap_err();
            assert!(
                matches!(refused, TokenError::InvalidGrant(_)),
                "{status} {body}"
            );
        }
        for error in [
            "invalid_client",
            "unauthorized_client",
            "invalid_request",
            "invalid_scope",
            "unsupported_grant_type",
        ] {
            for status in [400, 401, 403] {
                let body = json!({"error": error}).to_string();
                let TokenError::Refused(refusal) = read_at(status, &body).unwrap_err() else {
                    panic!("{status} {error}");
                };
                assert_eq!(refusal.is_of_client(), error == "invalid_client");
            }
        }
    }

    #[test]
    fn a_refusal_by_what_is_before_the_endpoint_says_nothing_of_what_was_shown() {
        let not_found = r#"{"status":404,"error":"Not Found","path":"/token"}"#;
        for (status, body) in [
            (403, "<html>"),
            (403, r#"{"message":"Forbidden"}"#),
            (404, ""),
            (404, "404 page not found"),
            (404, not_found),
            (410, ""),
            (451, "{}"),
        ] {
            let (what, _) = malformed(read_at(status, body));
            assert_eq!(what, "its status is that of no answer", "{status} {body}");
        }
    }

    #[test]
    fn a_provider_in_trouble_says_nothing_of_what_was_shown() {
        for error in ["temporarily_unavailable", "server_error"] {
            for status in [400, 401, 403] {
                let trouble = read_at(status, &json!({"error": error}).to_string());
                assert!(
                    matches!(trouble, Err(TokenError::Trouble(_))),
                    "{status} {error}"
                );
            }
        }
    }

    #[test]
    fn the_providers_words_are_printable_cut_and_without_what_was_sent() {
        let body = json!({
            "error": "invalid_grant\n",
            "error_description": format!("code s3cret-code is \u{1b}[31mused {}", "x".repeat(300)),
        });
        let refused = read(&answer(400, body.to_string()), &[("code", "s3cret-code")])
            .unwrap_err()
            .to_string();
        let begin = "the token endpoint answered 400 `invalid_grant`: code ... is [31mused xxx";
        assert!(refused.starts_with(begin), "{refused}");
        assert!(refused.len() < 300);
        let said = r#"{"error":"invalid_client","error_description":"no s3cret+%2B or s3cret +"}"#;
        let refused = read(
            &answer(401, said),
            &[
                ("client_secret", "s3cret +"),
                ("code", "invalid"),
                ("x", ""),
            ],
        )
        .unwrap_err();
        assert!(matches!(&refused, TokenError::Refused(it) if it.is_of_client()));
        let told = refused.to_string();
        assert!(!told.contains("s3cret"), "{told}");
        let silent = read_at(401, "").unwrap_err().to_string();
        assert_eq!(silent, "the token endpoint answered 401");
    }
}
