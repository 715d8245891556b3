//! The logout token's checks (OpenID Connect Back-Channel Logout 1.0 §2.6).

use core::time::Duration;

use authsafe_rules::limit;
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::claims::{Names, NumericDate};
use super::client::ClientRegistration;
use super::jwks::{self, SignatureError};
use crate::clock::UnixSeconds;
use crate::types::{Subject, TokenIssuer};

/// The member of `events` that makes a token a logout token (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The greatest age of a token, whatever its `exp` says: so long its `jti` is remembered.
const MAX_AGE: Duration = Duration::from_secs(3600);
/// The time for which a `jti` has to be remembered: no token is good for longer.
pub(crate) const MEMORY: Duration = MAX_AGE.saturating_add(Duration::from_secs(2 * limit::LEEWAY));

/// A good logout token. Whether it has been shown before is not known here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LogoutToken {
    pub(crate) jti: String,
    pub(crate) ends: Ends,
}

/// The sessions that end. `sid` names some of a user's; without it all of the user end (§2.4).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    User {
        sub: Subject,
    },
    ProviderSession {
        sid: String,
        /// The user whose sessions without a `sid` end too: they may have come of that one.
        sub: Option<Subject>,
    },
}

/// The values that a logout token is checked against.
pub(crate) struct Expected<'a> {
    pub(crate) client: &'a ClientRegistration,
    pub(crate) issuer: &'a TokenIssuer,
    pub(crate) algorithms: &'a [Algorithm],
    pub(crate) now: UnixSeconds,
}

/// The check that a logout token failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogoutTokenError {
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error("`typ` says that it is something else")]
    Type,
    #[error("a claim that it needs is missing or is no such claim")]
    Claims,
    #[error("`iss` is another issuer")]
    Issuer,
    #[error("`aud` does not hold this client")]
    Audience,
    #[error("`iat` is {0} seconds ahead of this machine's clock: is one of the clocks wrong?")]
    IssuedInFuture(u64),
    #[error("`iat` was {0} seconds ago by this machine's clock, and an hour is the most")]
    TooOld(u64),
    #[error("`exp` was {0} seconds ago by this machine's clock: is one of the clocks wrong?")]
    Expired(u64),
    #[error("it has neither a `sub` nor a `sid`")]
    Nobody,
    #[error("`events` does not hold the back-channel logout event")]
    NoLogout,
    #[error("it has a `nonce`: it may be an ID token")]
    Nonce,
    #[error("`jti` is empty")]
    Id,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    tid: Option<Value>,
    aud: Names,
    iat: NumericDate,
    exp: Option<NumericDate>,
    jti: String,
    events: Value,
    sub: Option<String>,
    sid: Option<String>,
}

/// Verifies a logout token. The numbers are the steps of §2.6; the first is about encrypted
/// tokens, which we do not ask for.
pub(crate) fn verify(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<LogoutToken, LogoutTokenError> {
    // 2 and 3: as with ID tokens, before anything is believed.
    let (header, claims) = jwks::verify::<Map<String, Value>>(token, keys, expected.algorithms)?;
    if header.typ.is_some_and(|typ| !is_logout_type(&typ)) {
        return Err(LogoutTokenError::Type);
    }
    let has_nonce = claims.contains_key("nonce");
    let claims: Claims =
        serde_json::from_value(Value::Object(claims)).map_err(|_| LogoutTokenError::Claims)?;
    check_validity(&claims, expected)?;
    let ends = ends(claims.sub, claims.sid, expected.client)?;
    // 6
    if !claims.events.get(EVENT).is_some_and(Value::is_object) {
        return Err(LogoutTokenError::NoLogout);
    }
    // 7
    if has_nonce {
        return Err(LogoutTokenError::Nonce);
    }
    // 8 needs it.
    if claims.jti.is_empty() {
        return Err(LogoutTokenError::Id);
    }
    Ok(LogoutToken {
        jti: claims.jti,
        ends,
    })
}

fn check_validity(claims: &Claims, expected: &Expected<'_>) -> Result<(), LogoutTokenError> {
    // 4
    let tid = claims.tid.as_ref().and_then(Value::as_str);
    if !expected.issuer.is(&claims.iss, tid) {
        return Err(LogoutTokenError::Issuer);
    }
    if !claims.aud.contains(&expected.client.id) {
        return Err(LogoutTokenError::Audience);
    }
    let (issued_at, leeway) = (claims.iat.seconds(), expected.client.leeway.as_secs());
    let now = expected.now;
    if issued_at > now.saturating_add(leeway) {
        let ahead = issued_at.saturating_sub(now);
        return Err(LogoutTokenError::IssuedInFuture(ahead));
    }
    if issued_at.saturating_add(MAX_AGE.as_secs() + leeway) <= now {
        return Err(LogoutTokenError::TooOld(now - issued_at));
    }
    // Older providers leave it out (it was not in the drafts of the standard): `iat` is its bound.
    match claims.exp.map(NumericDate::seconds) {
        Some(exp) if exp.saturating_add(leeway) <= now => Err(LogoutTokenError::Expired(now - exp)),
        _ => Ok(()),
    }
}

fn ends(
    sub: Option<String>,
    sid: Option<String>,
    client: &ClientRegistration,
) -> Result<Ends, LogoutTokenError> {
    // 5
    let nobody = LogoutTokenError::Nobody;
    let sub = sub.map(|sub| client.subjects.parse(sub).ok_or(nobody));
    match (sub.transpose()?, sid) {
        (sub, Some(sid)) if is_session(&sid) => Ok(Ends::ProviderSession { sid, sub }),
        (Some(sub), None) => Ok(Ends::User { sub }),
        _ => Err(nobody),
    }
}

/// Returns whether a logout token may have this `typ`.
///
/// §2.4 recommends `logout+jwt`; §4.1 says that to insist on it would break what is deployed. So a
/// token passes without a type, and with one that says no more than that it is a JWT (RFC 7519 §5.1):
/// `events` tells it from other tokens. Any other type is refused.
fn is_logout_type(typ: &str) -> bool {
    // RFC 7515 §4.1.9: a media type without its `application/`, in whatever case.
    let typ = typ.to_ascii_lowercase();
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    ["logout+jwt", "jwt"].contains(&typ)
}

/// Returns whether it is a session's name: not empty, and as long as a `sub` may be.
fn is_session(sid: &str) -> bool {
    (1..=255).contains(&sid.len())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, KEYS, client, issuer, sign_with};
    use super::*;
    use crate::types::Subjects;
    use serde_json::json;

    const NOW: u64 = 1_800_000_000;

    fn claims() -> Value {
        json!({
            "iss": "https://id.example", "aud": "app", "iat": NOW, "exp": NOW + 120, "jti": "j",
            "sub": "u1", "events": { EVENT: {} },
        })
    }

    fn header() -> Value {
        json!({"alg": "RS256", "kid": "k1", "typ": "logout+jwt"})
    }

    fn check(token: &str) -> Result<LogoutToken, LogoutTokenError> {
        let expected = Expected {
            client: &client("app", "https://id.example"),
            issuer: &issuer("https://id.example"),
            algorithms: &[Algorithm::RS256],
            now: NOW,
        };
        verify(token, &KEYS.public, &expected)
    }

    /// The refusal when one claim is another, or is not there (`None`).
    fn refusal(claim: &str, value: impl Into<Option<Value>>) -> Option<LogoutTokenError> {
        let mut claims = claims();
        match value.into() {
            Some(value) => claims[claim] = value,
            None => drop(claims.as_object_mut().unwrap().remove(claim)),
        }
        check(&sign_with(&header(), &claims)).err()
    }

    fn refusal_of_type(typ: Option<&str>) -> Option<LogoutTokenError> {
        let mut header = header();
        match typ {
            Some(typ) => header["typ"] = json!(typ),
            None => drop(header.as_object_mut().unwrap().remove("typ")),
        }
        check(&sign_with(&header, &claims())).err()
    }

    fn ends(sub: Option<&str>, sid: Option<&str>) -> Result<Ends, LogoutTokenError> {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove("sub");
        for (name, value) in [("sub", sub), ("sid", sid)] {
            if let Some(value) = value {
                claims[name] = json!(value);
            }
        }
        check(&sign_with(&header(), &claims)).map(|token| token.ends)
    }

    fn user(sub: &str) -> Subject {
        Subjects::AuthSafe.of(sub.to_owned())
    }

    #[test]
    fn a_good_token_passes() {
        let token = check(&sign_with(&header(), &claims())).unwrap();
        assert_eq!(token.jti, "j");
        assert_eq!(token.ends, Ends::User { sub: user("u1") });
    }

    #[test]
    fn its_type_is_logout_jwt_or_none() {
        for typ in ["logout+jwt", "application/logout+jwt", "LOGOUT+JWT", "JWT"] {
            assert_eq!(refusal_of_type(Some(typ)), None, "{typ}");
        }
        assert_eq!(refusal_of_type(None), None);
        for typ in ["at+jwt", "secevent+jwt", "dpop+jwt", "logout", ""] {
            let refused = Some(LogoutTokenError::Type);
            assert_eq!(refusal_of_type(Some(typ)), refused, "{typ}");
        }
    }

    #[test]
    fn the_signature_is_checked_as_that_of_an_id_token() {
        let signature = |error| Err(LogoutTokenError::Signature(error));
        assert_eq!(
            check(&testing::hmac_with_public_key(&claims())),
            signature(SignatureError::Algorithm {
                came: "HS256",
                accepted: jwks::Names::of(&[Algorithm::RS256]),
            })
        );
        assert!(check(&testing::unsigned(&claims())).is_err());
        let other = json!({"alg": "RS256", "kid": "k2"});
        assert_eq!(
            check(&sign_with(&other, &claims())),
            signature(SignatureError::UnknownKey)
        );
        let token = sign_with(&header(), &claims());
        let (message, _) = token.rsplit_once('.').unwrap();
        let (_, signature_of_other) = other_token();
        assert_eq!(
            check(&format!("{message}.{signature_of_other}")),
            signature(SignatureError::Signature)
        );
    }

    fn other_token() -> (String, String) {
        let token = sign_with(&header(), &json!({}));
        let (message, signature) = token.rsplit_once('.').unwrap();
        (message.to_owned(), signature.to_owned())
    }

    #[test]
    fn another_issuer_is_refused() {
        for iss in ["https://evil.example", "http://id.example", ""] {
            let refused = Some(LogoutTokenError::Issuer);
            assert_eq!(refusal("iss", json!(iss)), refused, "{iss}");
        }
    }

    #[test]
    fn another_audience_is_refused() {
        let refused = Some(LogoutTokenError::Audience);
        assert_eq!(refusal("aud", json!("other")), refused);
        assert_eq!(refusal("aud", json!([])), refused);
        assert_eq!(refusal("aud", json!(["other", "app"])), None);
    }

    #[test]
    fn one_from_the_future_is_refused_beyond_the_leeway() {
        assert_eq!(refusal("iat", json!(NOW + 60)), None);
        let refused = Some(LogoutTokenError::IssuedInFuture(61));
        assert_eq!(refusal("iat", json!(NOW + 61)), refused);
    }

    #[test]
    fn one_that_is_older_than_its_jti_is_remembered_is_refused() {
        assert_eq!(refusal("iat", json!(NOW - 3659)), None);
        let refused = |ago| Some(LogoutTokenError::TooOld(ago));
        assert_eq!(refusal("iat", json!(NOW - 3660)), refused(3660));
        assert_eq!(refusal("iat", json!(-1)), refused(NOW));
    }

    #[test]
    fn an_expired_one_is_refused_after_the_leeway() {
        assert_eq!(refusal("exp", json!(NOW - 59)), None);
        let refused = Some(LogoutTokenError::Expired(60));
        assert_eq!(refusal("exp", json!(NOW - 60)), refused);
    }

    #[test]
    fn without_an_exp_it_is_good_for_an_hour_from_its_iat() {
        let without = |iat: u64| {
            let mut claims = claims();
            claims["iat"] = json!(iat);
            claims.as_object_mut().unwrap().remove("exp");
            check(&sign_with(&header(), &claims)).err()
        };
        assert_eq!(without(NOW), None);
        assert_eq!(without(NOW - 3659), None);
        assert_eq!(without(NOW - 3660), Some(LogoutTokenError::TooOld(3660)));
        assert_eq!(
            without(NOW + 61),
            Some(LogoutTokenError::IssuedInFuture(61))
        );
    }

    #[test]
    fn an_exp_that_is_no_date_is_not_left_out() {
        for exp in [json!("soon"), json!({}), json!([NOW + 120]), json!(true)] {
            assert!(refusal("exp", exp.clone()).is_some(), "{exp}");
        }
    }

    #[test]
    fn without_an_exp_all_else_is_checked_as_with_one() {
        let without = |claim: &str, value: Value| {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove("exp");
            claims[claim] = value;
            claims
        };
        let refused = |claims: &Value| check(&sign_with(&header(), claims)).err();
        let aud = refused(&without("aud", json!("other")));
        assert_eq!(aud, Some(LogoutTokenError::Audience));
        let iss = refused(&without("iss", json!("https://evil.example")));
        assert_eq!(iss, Some(LogoutTokenError::Issuer));
        let nonce = refused(&without("nonce", json!("n")));
        assert_eq!(nonce, Some(LogoutTokenError::Nonce));
        let claims = without("sub", json!("u1"));
        assert!(check(&testing::unsigned(&claims)).is_err());
        assert!(check(&testing::hmac_with_public_key(&claims)).is_err());
        let (message, signature) = (sign_with(&header(), &claims), other_token().1);
        let (message, _) = message.rsplit_once('.').unwrap();
        assert!(check(&format!("{message}.{signature}")).is_err());
    }

    #[test]
    fn it_names_a_user_or_a_session_or_both() {
        let session = |sub: Option<&str>| Ends::ProviderSession {
            sid: "s".into(),
            sub: sub.map(user),
        };
        assert_eq!(ends(None, Some("s")), Ok(session(None)));
        assert_eq!(ends(Some("u1"), Some("s")), Ok(session(Some("u1"))));
        let long = "x".repeat(256);
        for (sub, sid) in [
            (None, None),
            (Some(""), None),
            (None, Some("")),
            (Some("u1"), Some("")),
            (Some(""), Some("s")),
            (Some(long.as_str()), None),
            (None, Some(long.as_str())),
        ] {
            assert_eq!(ends(sub, sid), Err(LogoutTokenError::Nobody));
        }
    }

    #[test]
    fn without_the_logout_event_it_is_no_logout_token() {
        for events in [
            json!({}),
            json!([EVENT]),
            json!(EVENT),
            json!({ EVENT: true }),
            json!({ EVENT: null }),
            json!({ EVENT: [] }),
            json!({ "http://schemas.openid.net/event/other": {} }),
        ] {
            let refused = Some(LogoutTokenError::NoLogout);
            assert_eq!(refusal("events", events.clone()), refused, "{events}");
        }
        assert_eq!(
            refusal("events", json!({ EVENT: {"more": 1}, "other": 1 })),
            None
        );
    }

    #[test]
    fn with_a_nonce_of_whatever_kind_it_is_refused() {
        for nonce in [json!("n"), json!(""), json!(null), json!(1)] {
            let refused = Some(LogoutTokenError::Nonce);
            assert_eq!(refusal("nonce", nonce.clone()), refused, "{nonce}");
        }
    }

    #[test]
    fn its_jti_is_no_empty_one() {
        assert_eq!(refusal("jti", json!("")), Some(LogoutTokenError::Id));
    }

    #[test]
    fn a_missing_claim_is_refused() {
        for claim in ["iss", "aud", "iat", "jti", "events"] {
            let refused = Some(LogoutTokenError::Claims);
            assert_eq!(refusal(claim, None), refused, "{claim}");
        }
        assert_eq!(refusal("sub", None), Some(LogoutTokenError::Nobody));
    }

    #[test]
    fn a_token_is_remembered_for_as_long_as_any_may_be_good() {
        // An hour, and the widest leeway before it and after it.
        assert_eq!(MEMORY, Duration::from_secs(3600 + 600 + 600));
    }
}
