//! The answer of the UserInfo endpoint (OpenID Connect Core §5.3).

use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde_json::Value;

use super::claim_paths::ClaimSet;
use super::claims::{Names, NumericDate};
use super::client::ClientRegistration;
use super::jwks::{self, SignatureError};
use crate::clock::UnixSeconds;
use crate::types::{Subject, TokenIssuer};

/// The values that an answer is checked against.
pub(crate) struct Expected<'a> {
    pub(crate) client: &'a ClientRegistration,
    pub(crate) issuer: &'a TokenIssuer,
    pub(crate) algorithms: &'a [Algorithm],
    /// The user of the ID token.
    pub(crate) subject: Subject<&'a str>,
    pub(crate) now: UnixSeconds,
}

/// The reason that an answer is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UserInfoError {
    #[error("it is neither a JSON object nor a signed JWT")]
    Form,
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error("its `iss` is another issuer")]
    Issuer,
    #[error("its `aud` does not hold this client")]
    Audience,
    #[error("its `exp` was {0} seconds ago by this machine's clock: is one of the clocks wrong?")]
    Expired(u64),
    #[error("its `sub` is missing, or is not the ID token's")]
    Subject,
}

/// The claims of a signed answer by which it is told from one for others (§5.3.2).
#[derive(Deserialize)]
struct Signed {
    iss: Option<String>,
    tid: Option<Value>,
    aud: Option<Names>,
    exp: Option<NumericDate>,
}

/// Reads an answer in JSON. `None`: it is none.
pub(crate) fn plain(
    body: &[u8],
    expected: &Expected<'_>,
) -> Option<Result<ClaimSet, UserInfoError>> {
    let claims = serde_json::from_slice(body).ok()?;
    Some(of_subject(claims, expected))
}

/// Verifies an answer that is a signed JWT.
pub(crate) fn signed(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<ClaimSet, UserInfoError> {
    let verified = jwks::verify::<ClaimSet>(token, keys, expected.algorithms);
    let (_, claims) = verified.map_err(|error| match error {
        SignatureError::Malformed => UserInfoError::Form,
        error => error.into(),
    })?;
    let signed = Signed::deserialize(&claims).map_err(|_| UserInfoError::Form)?;
    let Signed { iss, tid, aud, exp } = signed;
    let tid = tid.as_ref().and_then(Value::as_str);
    if iss.is_some_and(|iss| !expected.issuer.is(&iss, tid)) {
        return Err(UserInfoError::Issuer);
    }
    if aud.is_some_and(|aud| !aud.contains(&expected.client.id)) {
        return Err(UserInfoError::Audience);
    }
    let (now, leeway) = (expected.now, expected.client.leeway.as_secs());
    let exp = exp.map(NumericDate::seconds);
    if let Some(exp) = exp.filter(|exp| exp.saturating_add(leeway) <= now) {
        return Err(UserInfoError::Expired(now - exp));
    }
    of_subject(claims, expected)
}

/// Checks the `sub`: the access token may be another user's than the ID token (§5.3.2, §16.11).
fn of_subject(claims: ClaimSet, expected: &Expected<'_>) -> Result<ClaimSet, UserInfoError> {
    let sub = claims.get("sub").and_then(|sub| sub.as_str());
    let is_same = |sub| expected.client.subjects.of(sub) == expected.subject;
    match sub.is_some_and(is_same) {
        true => Ok(claims),
        false => Err(UserInfoError::Subject),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, KEYS, client, issuer, sign};
    use super::*;
    use crate::types::Subjects;
    use serde_json::json;

    const NOW: u64 = 1_800_000_000;

    fn expect<R>(read: impl FnOnce(&Expected<'_>) -> R) -> R {
        read(&Expected {
            client: &client("app", "https://id.example"),
            issuer: &issuer("https://id.example"),
            algorithms: &[Algorithm::RS256],
            subject: Subjects::Plain.of("u1"),
            now: NOW,
        })
    }

    fn read_plain(body: &Value) -> Option<Result<ClaimSet, UserInfoError>> {
        expect(|it| plain(body.to_string().as_bytes(), it))
    }

    fn read_signed(token: &str) -> Result<ClaimSet, UserInfoError> {
        expect(|it| signed(token, &KEYS.public, it))
    }

    #[test]
    fn an_answer_in_json_is_read() {
        let told = read_plain(&json!({"sub": "u1", "name": "Ann"}));
        assert_eq!(told.unwrap().unwrap()["name"], "Ann");
    }

    #[test]
    fn an_answer_of_another_user_or_of_nobody_is_ignored() {
        for sub in [json!("u2"), json!("U1"), json!(""), json!(null)] {
            let answer = json!({"sub": sub, "name": "Ann"});
            assert_eq!(read_plain(&answer), Some(Err(UserInfoError::Subject)));
            let signed = read_signed(&sign(&answer));
            assert_eq!(signed, Err(UserInfoError::Subject));
        }
        let list = json!({"sub": ["u1"], "name": "Ann"});
        assert_eq!(read_plain(&list), Some(Err(UserInfoError::Subject)));
        assert!(read_signed(&sign(&list)).is_err());
        let nobody = json!({"name": "Ann"});
        assert_eq!(read_plain(&nobody), Some(Err(UserInfoError::Subject)));
    }

    #[test]
    fn what_is_no_object_is_no_answer_in_json() {
        for body in [json!([1]), json!("u1"), json!(null)] {
            assert_eq!(read_plain(&body), None);
        }
    }

    #[test]
    fn a_signed_answer_is_read() {
        let whole = json!({"iss": "https://id.example", "aud": ["app", "x"], "sub": "u1", "exp": NOW + 5, "name": "Ann"});
        assert_eq!(read_signed(&sign(&whole)).unwrap()["name"], "Ann");
        // §5.3.2: `iss` and `aud` should be there, and `exp` need not.
        assert!(read_signed(&sign(&json!({"sub": "u1"}))).is_ok());
    }

    #[test]
    fn a_signed_answer_for_others_is_ignored() {
        let refused = |name: &str, value: Value| {
            let mut claims = json!({"iss": "https://id.example", "aud": "app", "sub": "u1"});
            claims[name] = value;
            read_signed(&sign(&claims)).err()
        };
        let other = json!("https://evil.example");
        assert_eq!(refused("iss", other), Some(UserInfoError::Issuer));
        assert_eq!(refused("iss", json!(5)), Some(UserInfoError::Form));
        assert_eq!(
            refused("aud", json!("other")),
            Some(UserInfoError::Audience)
        );
        assert_eq!(refused("aud", json!([])), Some(UserInfoError::Audience));
        let past = json!(NOW - 60);
        assert_eq!(refused("exp", past), Some(UserInfoError::Expired(60)));
        assert_eq!(refused("exp", json!("never")), Some(UserInfoError::Form));
    }

    #[test]
    fn a_forged_answer_is_ignored() {
        let claims = json!({"sub": "u1", "name": "Ann"});
        let token = sign(&claims);
        let (message, _) = token.rsplit_once('.').unwrap();
        let forged = read_signed(&format!("{message}.AAAA")).unwrap_err();
        assert_eq!(forged, UserInfoError::Signature(SignatureError::Signature));
        for token in [
            testing::unsigned(&claims),
            testing::hmac_with_public_key(&claims),
        ] {
            assert!(read_signed(&token).is_err());
        }
        assert_eq!(read_signed("x"), Err(UserInfoError::Form));
    }
}
