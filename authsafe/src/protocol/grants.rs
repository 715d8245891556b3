//! What the access token grants: scopes, roles and permissions.
//!
//! An access token is the API's, and need not be a JWT. Where it is one that the provider signed for this
//! app and this user, AuthSafe's claims are read from it; where it is for another API, only the claims
//! that the app declared. Any other grants nothing by itself, and refuses nothing.

use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde_json::Value;

use super::claim_paths::{self, ClaimPaths, ClaimSet};
use super::claims::Names;
use super::client::ClientRegistration;
use super::jwks::{self, MayLackKey, SignatureError};
use crate::types::{Scopes, Subject, TokenIssuer};

/// The claims that are read.
#[derive(Debug, Deserialize)]
pub(crate) struct AccessClaims {
    iss: String,
    tid: Option<Value>,
    sub: Option<String>,
    #[serde(flatten)]
    rest: ClaimSet,
}

/// The rights that an access token grants. `None`: it does not say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grants {
    pub(crate) scopes: Option<Scopes>,
    /// All that it says: roles, permissions and the organization are among it.
    pub(crate) claims: ClaimSet,
    /// It is for this app. Else it is for another API, and was issued to this app.
    pub(crate) is_ours: bool,
}

/// The reason that an access token of the provider grants nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GrantsError {
    /// Its signature does not verify by a key that is known, or it has no such claims. Entra's for Graph are so.
    #[error("the access token cannot be verified: {0}")]
    Unverified(SignatureError),
    /// It is by somebody else.
    #[error("the access token's `iss` is not the provider's")]
    OtherIssuer,
    /// It is for an API that is not this app (RFC 9068 §2.2).
    #[error("the access token's `aud` is not this client")]
    OtherAudience,
    /// It says neither whose nor what for it is.
    #[error("the access token has neither `sub` nor `aud`")]
    Nobody,
    /// It is of another user than the ID token.
    #[error("the access token's `sub` is another user's")]
    OtherSubject,
    /// It is of another one, who would be the same one at AuthSafe.
    #[error(
        "the access token's `sub` is the ID token's with `authsafe|` before it, or without: where the \
         provider is AuthSafe on a domain of yours, write `endpoints(authsafe)`"
    )]
    OtherSpelling,
    /// It says that it is of this issuer, and is signed by a key that is not among these.
    #[error("no key of the provider fits the access token")]
    UnknownKey,
}

impl GrantsError {
    /// Returns whether the token is another user's.
    pub(crate) fn is_of_another(&self) -> bool {
        matches!(self, Self::OtherSubject | Self::OtherSpelling)
    }
}

impl MayLackKey for GrantsError {
    /// Not that it is wrong: newer keys would not mend Entra's tokens for Graph, which come at each sign-in.
    fn is(&self, error: SignatureError) -> bool {
        *self == Self::UnknownKey && error == SignatureError::UnknownKey
    }
}

/// Reads what an access token grants. `None` where it is no JWT.
pub(crate) fn read(
    token: &str,
    keys: &JwkSet,
    algorithms: &[Algorithm],
    client: &ClientRegistration,
    issuer: &TokenIssuer,
    subject: &Subject<&str>,
) -> Result<Option<Grants>, GrantsError> {
    let claims = match jwks::verify::<AccessClaims>(token, keys, algorithms) {
        Ok((_, claims)) if issuer.is(&claims.iss, tenant(claims.tid.as_ref())) => claims,
        Err(SignatureError::UnknownKey) if names(token, issuer) => {
            return Err(GrantsError::UnknownKey);
        }
        Ok(_) | Err(SignatureError::UnknownKey) => return Err(GrantsError::OtherIssuer),
        Err(SignatureError::Malformed) => return Ok(None),
        Err(error) => return Err(GrantsError::Unverified(error)),
    };
    check_subject(&claims, client, subject)?;
    let aud = claims.said("aud").map(Names::deserialize);
    let is_ours = match &aud {
        Some(aud) => aud.as_ref().is_ok_and(|aud| aud.contains(&client.id)),
        None => claims.sub.is_some(),
    };
    // Keycloak's realm roles lie in a token whose audience is its own account API.
    let declares = client.claims != ClaimPaths::DEFAULT;
    let may_read =
        is_ours || (declares && claims.sub.is_some() && claims.was_issued_to(&client.id));
    match may_read {
        true => Ok(Some(Grants {
            scopes: claim_paths::scopes(&claims.rest).filter(|_| is_ours),
            claims: claim_paths::with_tenant(claims.rest, claims.tid),
            is_ours,
        })),
        false if aud.is_none() => Err(GrantsError::Nobody),
        false => Err(GrantsError::OtherAudience),
    }
}

impl AccessClaims {
    /// Returns whether it says so (OpenID Connect Core §2, RFC 9068 §2.2).
    fn was_issued_to(&self, client: &str) -> bool {
        let said = self.said("azp").or_else(|| self.said("client_id"));
        said.and_then(Value::as_str) == Some(client)
    }

    /// Returns a claim. `null` says nothing.
    fn said(&self, name: &str) -> Option<&Value> {
        self.rest.get(name).filter(|value| !value.is_null())
    }
}

/// Checks that the token is this user's, where it says whose it is. It came from the token endpoint, with
/// this user's ID token or for their session.
fn check_subject(
    claims: &AccessClaims,
    client: &ClientRegistration,
    subject: &Subject<&str>,
) -> Result<(), GrantsError> {
    let Some(sub) = &claims.sub else {
        return Ok(());
    };
    let claimed = client.subjects.of(sub.as_str());
    match claimed == *subject {
        true => Ok(()),
        false if claimed.differs_in_spelling(subject) => Err(GrantsError::OtherSpelling),
        false => Err(GrantsError::OtherSubject),
    }
}

fn tenant(tid: Option<&Value>) -> Option<&str> {
    tid.and_then(Value::as_str)
}

/// Returns whether a token, which nobody has verified, says that it is of this issuer.
fn names(token: &str, issuer: &TokenIssuer) -> bool {
    #[derive(Deserialize)]
    struct Claims {
        iss: String,
        tid: Option<Value>,
    }
    let claims = token.split('.').nth(1).unwrap_or_default();
    let claims = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(claims);
    let claims = claims.map(|claims| serde_json::from_slice::<Claims>(&claims));
    matches!(claims, Ok(Ok(Claims { iss, tid })) if issuer.is(&iss, tenant(tid.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::super::claim_paths::Sources;
    use super::super::testing::{KEYS, client, hmac_with_public_key, issuer, sign, unsigned};
    use super::*;
    use crate::protocol::jwks::Names;
    use crate::types::Subjects;
    use serde_json::{Value, json};

    fn read(token: &str) -> Result<Option<Grants>, GrantsError> {
        read_by(token, &KEYS.public, Subjects::AuthSafe)
    }

    fn read_by(
        token: &str,
        keys: &JwkSet,
        subjects: Subjects,
    ) -> Result<Option<Grants>, GrantsError> {
        let mut client = client("app", "https://id.example");
        client.subjects = subjects;
        let subject = subjects.of("u1");
        let issuer = issuer("https://id.example");
        super::read(token, keys, &[Algorithm::RS256], &client, &issuer, &subject)
    }

    fn roles(grants: &Grants) -> Vec<String> {
        let sources = Sources {
            access_token: Some(&grants.claims),
            access_token_is_ours: grants.is_ours,
            ..Sources::default()
        };
        ClaimPaths::DEFAULT.read(sources).roles.unwrap()
    }

    fn read_claims(scope: Value, roles: Value) -> Grants {
        let claims = json!({"iss": "https://id.example", "sub": "authsafe|u1", "scope": scope, "roles": roles});
        read(&sign(&claims)).unwrap().unwrap()
    }

    #[test]
    fn scopes_and_roles_are_read_as_text_and_as_list() {
        let as_text = read_claims(json!("openid admin"), json!("chief editor"));
        assert_eq!(as_text.scopes, Some(Scopes::parse("openid admin")));
        assert_eq!(roles(&as_text), ["chief editor"]);
        let as_list = read_claims(json!(["openid", "admin"]), json!(["a", "b"]));
        assert_eq!(as_list.scopes, Some(Scopes::parse("openid admin")));
        assert_eq!(roles(&as_list), ["a", "b"]);
        let spaced = read_claims(json!(["openid admin", "email"]), json!(null));
        assert_eq!(spaced.scopes, Some(Scopes::parse("email")));
    }

    #[test]
    fn scp_counts_as_scope() {
        for scp in [json!("openid admin"), json!(["openid", "admin"])] {
            let claims = json!({"iss": "https://id.example", "sub": "authsafe|u1", "scp": scp});
            let grants = read(&sign(&claims)).unwrap().unwrap();
            assert_eq!(grants.scopes, Some(Scopes::parse("openid admin")));
        }
    }

    #[test]
    fn a_claim_of_an_odd_type_takes_no_other_along() {
        let grants = read_claims(json!("openid admin"), json!({"admin": 5}));
        assert_eq!(grants.scopes, Some(Scopes::parse("openid admin")));
        assert_eq!(read_claims(json!(5), json!("a")).scopes, None);
    }

    #[test]
    fn a_token_for_another_api_grants_nothing() {
        for aud in [
            json!("https://api.example"),
            json!(["a", "b"]),
            json!([]),
            json!(""),
            json!(5),
            json!(["app", 5]),
            json!({"app": true}),
        ] {
            for sub in [json!("u1"), json!(null)] {
                let claims = json!({
                    "iss": "https://id.example", "sub": sub, "aud": aud, "azp": "app", "scope": "admin",
                });
                let read = read(&sign(&claims));
                assert_eq!(read, Err(GrantsError::OtherAudience), "{aud} {sub}");
            }
        }
    }

    #[test]
    fn of_a_token_for_another_api_that_was_issued_to_us_what_was_declared_is_read() {
        let mut client = client("app", "https://id.example");
        client.claims.roles = &["realm_access.roles"];
        let read = |more: Value| {
            let mut claims = json!({
                "iss": "https://id.example", "sub": "u1", "aud": "account", "scope": "admin",
                "realm_access": {"roles": ["staff"]},
            });
            let more = more.as_object().unwrap().clone();
            claims.as_object_mut().unwrap().extend(more);
            let (issuer, subject) = (issuer("https://id.example"), client.subjects.of("u1"));
            let (token, algorithms) = (sign(&claims), &[Algorithm::RS256]);
            super::read(&token, &KEYS.public, algorithms, &client, &issuer, &subject)
        };
        for ours in ["azp", "client_id"] {
            let grants = read(json!({ours: "app"})).unwrap().unwrap();
            assert!(!grants.is_ours && grants.scopes.is_none());
            assert!(grants.claims.contains_key("realm_access"));
            // What names the client may be kept too.
            assert_eq!(grants.claims[ours], "app");
        }
        let other = Err(GrantsError::OtherAudience);
        assert_eq!(read(json!({})), other);
        for issued_to in [json!("other"), json!(["app"]), json!("APP"), json!("")] {
            assert_eq!(read(json!({"azp": issued_to})), other, "{issued_to}");
        }
        // `azp` has the first word.
        assert_eq!(read(json!({"azp": "other", "client_id": "app"})), other);
        assert_eq!(read(json!({"azp": "app", "sub": null})), other);
        let another = read(json!({"azp": "app", "sub": "u2"}));
        assert_eq!(another, Err(GrantsError::OtherSubject));
    }

    #[test]
    fn a_token_without_a_sub_grants_at_our_own_audience_and_nowhere_else() {
        let read_at = |aud: Value| {
            let claims = json!({"iss": "https://id.example", "aud": aud, "scope": "admin"});
            read(&sign(&claims))
        };
        for aud in [json!("app"), json!(["api", "app"])] {
            let grants = read_at(aud).unwrap().unwrap();
            assert_eq!(grants.scopes, Some(Scopes::parse("admin")));
        }
        assert_eq!(read_at(json!("api")), Err(GrantsError::OtherAudience));
        assert_eq!(read_at(json!(null)), Err(GrantsError::Nobody));
    }

    #[test]
    fn a_sub_that_is_another_users_grants_nothing_at_our_own_audience_either() {
        for sub in ["u2", "", "authsafe|u2"] {
            let claims = json!({
                "iss": "https://id.example", "sub": sub, "aud": "app", "scope": "admin",
            });
            let read = read(&sign(&claims));
            assert_eq!(read, Err(GrantsError::OtherSubject), "{sub}");
        }
        let odd = json!({"iss": "https://id.example", "sub": 5, "aud": "app", "scope": "admin"});
        let unread = GrantsError::Unverified(SignatureError::Claims);
        assert_eq!(read(&sign(&odd)), Err(unread));
    }

    #[test]
    fn an_opaque_token_grants_nothing() {
        assert_eq!(read("opaque"), Ok(None));
    }

    #[test]
    fn a_token_of_another_issuer_grants_nothing() {
        let claims = json!({"iss": "https://evil.example", "sub": "u1", "scope": "admin"});
        assert_eq!(read(&sign(&claims)), Err(GrantsError::OtherIssuer));
    }

    #[test]
    fn a_token_that_the_provider_did_not_sign_grants_nothing() {
        let claims =
            json!({"iss": "https://id.example", "sub": "u1", "aud": "app", "scope": "admin"});
        let token = sign(&claims);
        let (signed, _) = token.rsplit_once('.').unwrap();
        let refused = |error| Err(GrantsError::Unverified(error));
        let forged = read(&format!("{signed}.AAAA"));
        assert_eq!(forged, refused(SignatureError::Signature));
        let by_public_key = read(&hmac_with_public_key(&claims));
        let accepted = Names::of(&[Algorithm::RS256]);
        for (read, came) in [(by_public_key, "HS256"), (read(&unsigned(&claims)), "none")] {
            assert_eq!(read, refused(SignatureError::Algorithm { came, accepted }));
        }
    }

    #[test]
    fn a_token_of_a_key_that_is_not_known_is_told_apart() {
        let token = sign(&json!({"iss": "https://id.example", "sub": "u1", "scope": "admin"}));
        let none = JwkSet { keys: Vec::new() };
        let read = read_by(&token, &none, Subjects::AuthSafe);
        assert_eq!(read, Err(GrantsError::UnknownKey));
    }

    #[test]
    fn another_issuers_keys_are_none_that_we_miss() {
        let token = sign(&json!({"iss": "https://other.example", "sub": "u1", "scope": "admin"}));
        let none = JwkSet { keys: Vec::new() };
        let read = read_by(&token, &none, Subjects::AuthSafe);
        assert_eq!(read, Err(GrantsError::OtherIssuer));
    }

    #[test]
    fn at_another_provider_authsafes_other_spelling_is_another_user() {
        let token = sign(&json!({"iss": "https://id.example", "sub": "authsafe|u1"}));
        let read = |subjects| read_by(&token, &KEYS.public, subjects);
        assert!(read(Subjects::AuthSafe).is_ok());
        let refused = read(Subjects::Plain).unwrap_err();
        assert_eq!(refused, GrantsError::OtherSpelling);
        assert!(refused.to_string().contains("`endpoints(authsafe)`"));
    }

    #[test]
    fn a_token_of_another_user_is_refused() {
        let claims = json!({"iss": "https://id.example", "sub": "u2", "scope": "admin"});
        assert_eq!(read(&sign(&claims)), Err(GrantsError::OtherSubject));
    }

    #[test]
    fn a_token_is_another_users_in_two_ways() {
        assert!(GrantsError::OtherSubject.is_of_another());
        assert!(GrantsError::OtherSpelling.is_of_another());
        assert!(!GrantsError::OtherAudience.is_of_another());
        assert!(!GrantsError::UnknownKey.is_of_another());
    }

    #[test]
    fn a_tenant_is_a_text() {
        assert_eq!(tenant(Some(&json!("acme"))), Some("acme"));
        assert_eq!((tenant(Some(&json!(5))), tenant(None)), (None, None));
    }
}
