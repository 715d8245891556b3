//! The ID token's checks, in the order of OpenID Connect Core §3.1.3.7.

use aws_lc_rs::digest::{Algorithm as Digest, SHA256, SHA384, SHA512, digest};
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::claim_paths::{self, ClaimSet};
use super::claims::{self, Names, NumericDate};
use super::client::ClientRegistration;
use super::jwks::{self, SignatureError};
use crate::clock::UnixSeconds;
use crate::types::{Nonce, Subject, TokenIssuer};

/// The claims (OpenID Connect Core §2). One of these that is there in another form is refused; of the
/// rest, it is left out.
#[derive(Debug, Deserialize)]
struct IdClaims {
    iss: String,
    /// The tenant, at a provider with many.
    tid: Option<Value>,
    sub: String,
    aud: Names,
    azp: Option<String>,
    exp: NumericDate,
    iat: NumericDate,
    nonce: Option<String>,
    #[serde(flatten)]
    rest: ClaimSet,
}

/// A good ID token: of whom it is, and what it says of them.
#[derive(Debug)]
pub(crate) struct IdToken {
    pub(crate) subject: Subject,
    pub(crate) auth_time: Option<NumericDate>,
    pub(crate) sid: Option<String>,
    /// The end of the provider's own session.
    pub(crate) session_expiry: Option<NumericDate>,
    /// The claims that prove nothing.
    pub(crate) claims: ClaimSet,
    /// Claims that were there, in a form that is not understood.
    pub(crate) left_out: Vec<&'static str>,
}

/// The values that an ID token is checked against.
pub(crate) struct Expected<'a> {
    pub(crate) client: &'a ClientRegistration,
    pub(crate) issuer: &'a TokenIssuer,
    pub(crate) algorithms: &'a [Algorithm],
    /// The sign-in's nonce; at a refresh there is none to expect (§12.2).
    pub(crate) nonce: Option<&'a Nonce>,
    /// The access token that came with it.
    pub(crate) access_token: &'a str,
    pub(crate) now: UnixSeconds,
}

/// The check that an ID token failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IdTokenError {
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error(
        "`iss` is not, byte by byte, the issuer that discovery or `endpoints(issuer = \"...\")` names"
    )]
    Issuer,
    #[error("`aud` does not hold this client")]
    Audience,
    #[error("`azp` is missing beside several audiences, or names another client")]
    AuthorizedParty,
    #[error("`exp` was {0} seconds ago by this machine's clock: is one of the clocks wrong?")]
    Expired(u64),
    #[error("`iat` is {0} seconds ahead of this machine's clock: is one of the clocks wrong?")]
    IssuedInFuture(u64),
    #[error("`nbf` is {0} seconds ahead of this machine's clock: is one of the clocks wrong?")]
    NotYetValid(u64),
    #[error("`nonce` is not that of this sign-in")]
    Nonce,
    #[error("`at_hash` is not that of the access token")]
    AccessTokenHash,
    #[error("`sub` is empty or longer than 255 characters")]
    Subject,
}

/// Verifies an ID token. The numbers are the steps of §3.1.3.7.
pub(crate) fn verify(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<IdToken, IdTokenError> {
    // 6, 7 and 8: the signature, by an algorithm of the allow-list, before anything is believed.
    let (header, claims) = jwks::verify::<IdClaims>(token, keys, expected.algorithms)?;
    let mut optional = Optional::default();
    let nbf = optional.read(&claims.rest, "nbf");
    let at_hash = optional.read(&claims.rest, "at_hash");
    check_parties(&claims, expected)?;
    check_times(&claims, nbf, expected)?;
    check_binding(&claims, at_hash, header.alg, expected)?;
    let subject = expected.client.subjects.parse(claims.sub);
    Ok(IdToken {
        subject: subject.ok_or(IdTokenError::Subject)?,
        auth_time: optional.read(&claims.rest, "auth_time"),
        sid: optional.read(&claims.rest, "sid"),
        session_expiry: optional.read(&claims.rest, "session_expiry"),
        claims: claim_paths::with_tenant(claims.rest, claims.tid),
        left_out: optional.left_out,
    })
}

/// Reads claims that need not be there.
#[derive(Default)]
struct Optional {
    left_out: Vec<&'static str>,
}

impl Optional {
    fn read<T: DeserializeOwned>(&mut self, claims: &ClaimSet, name: &'static str) -> Option<T> {
        let read = claims::optional(claims, name);
        read.unwrap_or_else(|name| {
            self.left_out.push(name);
            None
        })
    }
}

fn check_parties(claims: &IdClaims, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    let client = expected.client;
    // 2
    let tid = claims.tid.as_ref().and_then(Value::as_str);
    if !expected.issuer.is(&claims.iss, tid) {
        return Err(IdTokenError::Issuer);
    }
    // 3
    if !claims.aud.contains(&client.id) {
        return Err(IdTokenError::Audience);
    }
    // 4 and 5
    let authorized = match &claims.azp {
        Some(azp) => *azp == client.id,
        None => claims.aud.len() == 1,
    };
    match authorized {
        true => Ok(()),
        false => Err(IdTokenError::AuthorizedParty),
    }
}

fn check_times(
    claims: &IdClaims,
    nbf: Option<NumericDate>,
    expected: &Expected<'_>,
) -> Result<(), IdTokenError> {
    let (now, leeway) = (expected.now, expected.client.leeway.as_secs());
    let latest = now.saturating_add(leeway);
    // 9
    let exp = claims.exp.seconds();
    if exp.saturating_add(leeway) <= now {
        return Err(IdTokenError::Expired(now - exp));
    }
    // 10
    let iat = claims.iat.seconds();
    if iat > latest {
        return Err(IdTokenError::IssuedInFuture(iat.saturating_sub(now)));
    }
    // RFC 7519 §4.1.5
    match nbf.map(NumericDate::seconds) {
        Some(nbf) if nbf > latest => Err(IdTokenError::NotYetValid(nbf.saturating_sub(now))),
        _ => Ok(()),
    }
}

/// Checks that the token is of this sign-in, and came with this access token.
fn check_binding(
    claims: &IdClaims,
    at_hash: Option<String>,
    algorithm: Algorithm,
    expected: &Expected<'_>,
) -> Result<(), IdTokenError> {
    // 11
    if let Some(nonce) = expected.nonce {
        let claimed = claims.nonce.as_deref();
        if !claimed.is_some_and(|claimed| nonce.is(claimed)) {
            return Err(IdTokenError::Nonce);
        }
    }
    // §3.1.3.8
    match at_hash {
        Some(at_hash)
            if !hashes_of(algorithm)
                .iter()
                .any(|hash| at_hash == access_token_hash(expected.access_token, hash)) =>
        {
            Err(IdTokenError::AccessTokenHash)
        }
        _ => Ok(()),
    }
}

/// Returns the left half of the access token's hash (§3.1.3.6).
fn access_token_hash(access_token: &str, hash: &'static Digest) -> String {
    let hash = digest(hash, access_token.as_bytes());
    let half = hash.as_ref().get(..hash.as_ref().len() / 2);
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(half.unwrap_or_default())
}

/// Returns the hash of a token's algorithm. EdDSA names none: most take the one within Ed25519, some
/// SHA-256.
fn hashes_of(algorithm: Algorithm) -> &'static [&'static Digest] {
    match algorithm {
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 | Algorithm::HS384 => &[&SHA384],
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::HS512 => &[&SHA512],
        Algorithm::EdDSA => &[&SHA512, &SHA256],
        _ => &[&SHA256],
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, KEYS, client, issuer, sign};
    use super::*;
    use serde_json::{Value, json};

    const NOW: u64 = 1_800_000_000;

    fn claims() -> Value {
        json!({
            "iss": "https://id.example", "sub": "u1", "aud": "app", "nonce": "n",
            "exp": NOW + 300, "iat": NOW, "email": "a@b.example", "email_verified": true,
        })
    }

    fn verify_claims(claims: &Value) -> Result<IdToken, IdTokenError> {
        check(&sign(claims), &[Algorithm::RS256])
    }

    fn check(token: &str, algorithms: &[Algorithm]) -> Result<IdToken, IdTokenError> {
        let expected = Expected {
            client: &client("app", "https://id.example"),
            issuer: &issuer("https://id.example"),
            algorithms,
            nonce: Some(&Nonce::read("n")),
            access_token: "at",
            now: NOW,
        };
        verify(token, &KEYS.public, &expected)
    }

    /// The refusal when one claim is another, or is not there (`null`).
    fn refusal(claim: &str, value: Value) -> Option<IdTokenError> {
        let mut claims = claims();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        } else {
            claims[claim] = value;
        }
        verify_claims(&claims).err()
    }

    #[test]
    fn a_good_token_passes() {
        let token = verify_claims(&claims()).unwrap();
        assert_eq!(token.subject.as_str(), "u1");
        assert_eq!(token.claims["email_verified"], true);
    }

    #[test]
    fn another_issuer_is_refused() {
        for iss in [
            "https://evil.example",
            "http://id.example",
            "https://id.example/x",
            "",
        ] {
            assert_eq!(
                refusal("iss", json!(iss)),
                Some(IdTokenError::Issuer),
                "{iss}"
            );
        }
    }

    #[test]
    fn another_audience_is_refused() {
        assert_eq!(refusal("aud", json!("other")), Some(IdTokenError::Audience));
        assert_eq!(refusal("aud", json!([])), Some(IdTokenError::Audience));
        assert_eq!(
            refusal("aud", json!("app other")),
            Some(IdTokenError::Audience)
        );
    }

    #[test]
    fn several_audiences_need_an_authorized_party() {
        assert_eq!(
            refusal("aud", json!(["app", "other"])),
            Some(IdTokenError::AuthorizedParty)
        );
        let mut several = claims();
        several["aud"] = json!(["app", "other"]);
        several["azp"] = json!("app");
        assert!(verify_claims(&several).is_ok());
    }

    #[test]
    fn another_authorized_party_is_refused() {
        assert_eq!(
            refusal("azp", json!("other")),
            Some(IdTokenError::AuthorizedParty)
        );
        assert_eq!(refusal("azp", json!("app")), None);
    }

    #[test]
    fn an_expired_token_is_refused_after_the_leeway() {
        assert_eq!(refusal("exp", json!(NOW - 59)), None);
        assert_eq!(
            refusal("exp", json!(NOW - 60)),
            Some(IdTokenError::Expired(60))
        );
        assert_eq!(refusal("exp", json!(-1)), Some(IdTokenError::Expired(NOW)));
    }

    #[test]
    fn a_token_of_the_future_is_refused_beyond_the_leeway() {
        assert_eq!(refusal("iat", json!(NOW + 60)), None);
        assert_eq!(
            refusal("iat", json!(NOW + 61)),
            Some(IdTokenError::IssuedInFuture(61))
        );
        assert_eq!(refusal("nbf", json!(NOW + 60)), None);
        assert_eq!(
            refusal("nbf", json!(NOW + 61)),
            Some(IdTokenError::NotYetValid(61))
        );
    }

    #[test]
    fn another_nonce_is_refused_and_so_is_none() {
        assert_eq!(refusal("nonce", json!("m")), Some(IdTokenError::Nonce));
        assert_eq!(refusal("nonce", json!(null)), Some(IdTokenError::Nonce));
        assert_eq!(refusal("nonce", json!("")), Some(IdTokenError::Nonce));
    }

    #[test]
    fn at_hash_is_checked_where_it_is_given() {
        let right = access_token_hash("at", &SHA256);
        assert_eq!(refusal("at_hash", json!(right)), None);
        assert_eq!(
            refusal("at_hash", json!("x")),
            Some(IdTokenError::AccessTokenHash)
        );
    }

    #[test]
    fn at_hash_is_by_the_hash_of_the_algorithm() {
        let (client, issuer) = (
            client("app", "https://id.example"),
            issuer("https://id.example"),
        );
        let expected = Expected {
            client: &client,
            issuer: &issuer,
            algorithms: &[],
            nonce: None,
            access_token: "at",
            now: NOW,
        };
        let taken = |algorithm, by: &'static Digest| {
            let at_hash = Some(access_token_hash("at", by));
            let claims: IdClaims = serde_json::from_value(claims()).unwrap();
            check_binding(&claims, at_hash, algorithm, &expected).is_ok()
        };
        for (algorithm, right) in [
            (Algorithm::RS256, [true, false, false]),
            (Algorithm::ES256, [true, false, false]),
            (Algorithm::ES384, [false, true, false]),
            (Algorithm::PS512, [false, false, true]),
            (Algorithm::EdDSA, [true, false, true]),
        ] {
            let found = [&SHA256, &SHA384, &SHA512].map(|by| taken(algorithm, by));
            assert_eq!(found, right, "{algorithm:?}");
        }
    }

    /// The example of OpenID Connect Core appendix A.3.
    #[test]
    fn at_hash_is_that_of_the_standards_example() {
        assert_eq!(
            access_token_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", &SHA256),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }

    #[test]
    fn a_subject_is_one_to_255_characters() {
        assert_eq!(refusal("sub", json!("")), Some(IdTokenError::Subject));
        assert_eq!(
            refusal("sub", json!("x".repeat(256))),
            Some(IdTokenError::Subject)
        );
        assert_eq!(refusal("sub", json!("x".repeat(255))), None);
    }

    #[test]
    fn a_missing_claim_is_refused() {
        for claim in ["iss", "sub", "aud", "exp", "iat"] {
            assert!(refusal(claim, json!(null)).is_some(), "{claim}");
        }
    }

    #[test]
    fn another_algorithm_is_refused_before_the_signature_is_looked_at() {
        let error = |came, accepted| {
            let accepted = jwks::Names::of(&[accepted]);
            let error = SignatureError::Algorithm { came, accepted };
            Err(IdTokenError::Signature(error))
        };
        let refused = |token: &str| check(token, &[Algorithm::RS256]).map(|_| ());
        assert_eq!(
            refused(&testing::hmac_with_public_key(&claims())),
            error("HS256", Algorithm::RS256)
        );
        assert_eq!(
            check(&sign(&claims()), &[Algorithm::ES256]).map(|_| ()),
            error("RS256", Algorithm::ES256)
        );
        let none = testing::unsigned(&claims());
        assert_eq!(refused(&none), error("none", Algorithm::RS256));
    }

    #[test]
    fn a_claim_that_proves_is_refused_in_an_odd_type_and_another_is_left_out() {
        let odd = [json!({"a": 1}), json!([1]), json!(true)];
        for claim in ["iss", "sub", "aud", "exp", "iat", "nonce", "azp"] {
            for odd in odd.iter().cloned() {
                let refused = refusal(claim, odd);
                assert!(
                    matches!(refused, Some(IdTokenError::Signature(_))),
                    "{claim}"
                );
            }
        }
        // The JWT library reads `nbf` too, and cannot read past a list or an object there.
        for odd in [json!({"a": 1}), json!([1])] {
            assert!(refusal("nbf", odd).is_some());
        }
        assert_eq!(refusal("nbf", json!(true)), None);
        for claim in ["at_hash", "auth_time", "sid", "session_expiry"] {
            for odd in odd.iter().cloned() {
                let mut claims = claims();
                claims[claim] = odd;
                let token = verify_claims(&claims).unwrap();
                assert_eq!(token.left_out, [claim]);
                assert!(token.auth_time.is_none() && token.session_expiry.is_none());
                assert!(token.sid.is_none());
            }
        }
    }

    #[test]
    fn a_claim_that_proves_is_refused_where_it_is_there_twice() {
        let claims = claims().to_string();
        for twice in [
            r#""iss":"https://id.example","#,
            r#""aud":"app","#,
            r#""nonce":"n","#,
        ] {
            let claims = claims.replacen('{', &format!("{{{twice}"), 1);
            let token = testing::sign_text(&claims);
            let refused = check(&token, &[Algorithm::RS256]);
            assert!(
                matches!(refused, Err(IdTokenError::Signature(_))),
                "{twice}"
            );
        }
    }
}
