//! The checks of an access token that is presented to this app as an API: of a JWT (RFC 9068 §4), and
//! of what the provider says of one that is not (RFC 7662 §2.2).
//!
//! An ID token says who somebody is to the app that asked, and opens nothing. RFC 9068 tells the
//! two apart by `typ`; AuthSafe's access tokens, and many others, have plain `JWT` there. Of those,
//! the ones pass that have a `scope` and none of the claims that tie an ID token to its sign-in.

use core::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, Header};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::claim_paths::{self, ClaimSet, Sources, Told};
use super::claims::{self, Names, NumericDate};
use super::client::ClientRegistration;
use super::jwks::{self, SignatureError};
use crate::clock::UnixSeconds;
use crate::types::{Scopes, Subject, TokenIssuer};

/// A good access token: what it grants, and to whom.
#[derive(Debug)]
pub(crate) struct AccessToken {
    /// The user; the client itself where it asked in its own name (RFC 9068 §2.2).
    pub(crate) sub: Subject,
    pub(crate) scopes: Scopes,
    pub(crate) sid: Option<String>,
    pub(crate) told: Told,
    pub(crate) auth_time: Option<UnixSeconds>,
    /// The beginning of time where the provider does not say.
    pub(crate) issued_at: UnixSeconds,
    /// The end of time where the provider does not say.
    pub(crate) expires_at: UnixSeconds,
}

/// The values that an access token is checked against.
pub(crate) struct Expected<'a> {
    pub(crate) client: &'a ClientRegistration,
    pub(crate) issuer: &'a TokenIssuer,
    pub(crate) audience: &'a str,
    pub(crate) algorithms: &'a [Algorithm],
    /// The greatest age of a token, whatever its `exp` says: so long it is remembered who was signed out.
    pub(crate) max_age: Duration,
    /// Whether a token passes of which the provider says that it is active, but not for whom.
    pub(crate) opaque_without_audience: bool,
    pub(crate) now: UnixSeconds,
}

/// The check that an access token failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AccessTokenError {
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error("`typ` says that it is something else")]
    Type,
    #[error("`{0}` says that it is no access token")]
    Kind(&'static str),
    #[error(
        "it may be an ID token: its `typ` is not `at+jwt`, and it has no `scope`, or a `nonce` or the hash of another token"
    )]
    IdToken,
    #[error("it has `events`: it may be a logout token")]
    Event,
    #[error("a claim that it needs is missing or is no such claim")]
    Claims,
    #[error("`iss` is another issuer")]
    Issuer,
    #[error("`aud` does not hold this audience")]
    Audience,
    #[error("`exp` was {0} seconds ago by this machine's clock")]
    Expired(u64),
    #[error("`iat` is {0} seconds ahead of this machine's clock: is one of the clocks wrong?")]
    IssuedInFuture(u64),
    #[error("`iat` was {0} seconds ago by this machine's clock, longer than `bearer(max_age)`")]
    TooOld(u64),
    #[error("`nbf` is {0} seconds ahead of this machine's clock: is one of the clocks wrong?")]
    NotYetValid(u64),
    #[error("`sub` is missing, empty or longer than 255 characters")]
    Subject,
    #[error("it is bound to a key (`cnf`), and bearers need none")]
    Bound,
    #[error("the provider says that it is not active")]
    Inactive,
    #[error("the provider says that its `token_type` is not Bearer")]
    NoBearer,
}

/// The claims that a JWT and an introspection answer have in common.
#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    tid: Option<Value>,
    aud: Option<Names>,
    sub: Option<String>,
    exp: Option<NumericDate>,
    iat: Option<NumericDate>,
    nbf: Option<NumericDate>,
    cnf: Option<IgnoredAny>,
    #[serde(flatten)]
    rest: ClaimSet,
}

/// Returns whether it is a JWT (RFC 7519 §3): three parts in base64url; anything else is opaque to us.
pub(crate) fn is_jwt(token: &str) -> bool {
    let is_part = |part: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        part.bytes().all(is_letter)
    };
    let mut parts = token.split('.');
    parts.clone().count() == 3 && parts.all(is_part)
}

/// Verifies a JWT. The order is that of RFC 9068 §4, but for the signature.
pub(crate) fn verify(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<AccessToken, AccessTokenError> {
    // The signature, by an algorithm of the allow-list, before anything is believed. `none` is not
    // among them, and a critical header is refused there (RFC 7515 §4.1.11).
    let (header, claims) = match jwks::verify(token, keys, expected.algorithms) {
        Err(error @ SignatureError::UnknownKey) => {
            // What would be refused by any key is refused before one is fetched for it.
            let (header, claims) = jwks::unverified(token)?;
            check_claims(&header, claims, expected)?;
            return Err(error.into());
        }
        verified => verified?,
    };
    check_claims(&header, claims, expected)
}

fn check_claims(
    header: &Header,
    claims: Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<AccessToken, AccessTokenError> {
    // `typ`
    is_access_token(header, &claims)?;
    let claims: Claims =
        serde_json::from_value(Value::Object(claims)).map_err(|_| AccessTokenError::Claims)?;
    // §2.2: these are required.
    if claims.iss.is_none() || claims.exp.is_none() || claims.iat.is_none() {
        return Err(AccessTokenError::Claims);
    }
    if claims.aud.is_none() {
        return Err(AccessTokenError::Audience);
    }
    check(claims, expected)
}

/// Checks the provider's answer about a token. All but `active` is optional there (RFC 7662 §2.2); what
/// is told has to be right.
pub(crate) fn introspected(
    mut answer: Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<AccessToken, AccessTokenError> {
    if answer.get("active") != Some(&Value::Bool(true)) {
        return Err(AccessTokenError::Inactive);
    }
    // Some write down every member that they know of: `null` says nothing.
    answer.retain(|_, value| !value.is_null());
    let token_type = answer
        .get("token_type")
        .map(|it| it.as_str().unwrap_or_default());
    let is_bearer = token_type.map(|it| it.eq_ignore_ascii_case("bearer"));
    if is_bearer == Some(false) {
        return Err(AccessTokenError::NoBearer);
    }
    // Providers introspect refresh tokens and ID tokens too, and some call each of them Bearer.
    let is_called_access = is_called_access(&answer)?;
    let holds = |claim| answer.contains_key(claim);
    if holds("events") {
        return Err(AccessTokenError::Event);
    }
    if has_hash(&answer) || (holds("nonce") && !is_called_access) {
        return Err(AccessTokenError::IdToken);
    }
    let claims: Claims =
        serde_json::from_value(Value::Object(answer)).map_err(|_| AccessTokenError::Claims)?;
    if claims.aud.is_none() {
        if !expected.opaque_without_audience {
            return Err(AccessTokenError::Audience);
        }
        // Providers introspect refresh tokens too, which have neither an audience nor a type.
        if is_bearer.is_none() {
            return Err(AccessTokenError::NoBearer);
        }
    }
    check(claims, expected)
}

/// Returns whether it holds the hash of what was issued with it. ID tokens do (OpenID Connect Core §3.1.3.6 and
/// §3.3.2.11, FAPI 1.0 Advanced §5.1, CIBA §10.3.1).
fn has_hash(claims: &Map<String, Value>) -> bool {
    HASHES.iter().any(|claim| claims.contains_key(*claim))
}

const HASHES: [&str; 5] = [
    "at_hash",
    "c_hash",
    "s_hash",
    "rt_hash",
    "urn:openid:params:jwt:claim:rt_hash",
];

/// Members in which providers say what kind of token one is.
const KINDS: [&str; 5] = ["token_use", "tokenUse", "token_type", "tokenType", "typ"];
/// The words for an access token there.
const ACCESS: [&str; 6] = [
    "access",
    "access_token",
    "bearer",
    "at+jwt",
    "application/at+jwt",
    "urn:ietf:params:oauth:token-type:access_token",
];
/// Members that may say so too, or something of the app's own.
const MAYBE_KINDS: [&str; 2] = ["type", "use"];
/// The words for other tokens there.
const OTHERS: [&str; 10] = [
    "refresh",
    "refresh_token",
    "refresh+jwt",
    "rt+jwt",
    "offline",
    "id",
    "id_token",
    "id+jwt",
    "logout",
    "logout+jwt",
];

/// Checks that it is an access token by its provider's own word, which no standard has a member for. `Err`: it is
/// something else by that word.
fn is_called_access(claims: &Map<String, Value>) -> Result<bool, AccessTokenError> {
    // What introspection says of a token, signed for the one who asked (RFC 9701 §5).
    if claims.contains_key("token_introspection") {
        return Err(AccessTokenError::Kind("token_introspection"));
    }
    let is_one_of = |word: &Value, words: &[&str]| {
        let word = word.as_str().unwrap_or_default();
        words.iter().any(|it| it.eq_ignore_ascii_case(word))
    };
    // `null` says nothing.
    let said = |name| claims.get(name).filter(|word| !word.is_null());
    for name in MAYBE_KINDS {
        if said(name).is_some_and(|word| is_one_of(word, &OTHERS)) {
            return Err(AccessTokenError::Kind(name));
        }
    }
    let mut is_access = false;
    for name in KINDS {
        let Some(word) = said(name) else { continue };
        if is_one_of(word, &ACCESS) {
            is_access = true;
        } else if !(name == "typ" && is_one_of(word, &["JWT"])) {
            return Err(AccessTokenError::Kind(name));
        }
    }
    Ok(is_access)
}

/// Checks that it is an `at+jwt` (RFC 9068 §2.1), or a plain JWT that cannot be an ID token.
fn is_access_token(header: &Header, claims: &Map<String, Value>) -> Result<(), AccessTokenError> {
    // OpenID Connect Back-Channel Logout §2.4, RFC 8417 §2.2.
    if claims.contains_key("events") {
        return Err(AccessTokenError::Event);
    }
    is_called_access(claims)?;
    let typ = header.typ.as_deref().unwrap_or("JWT");
    // RFC 7515 §4.1.9: a media type, with or without `application/`.
    if ["at+jwt", "application/at+jwt"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(typ))
    {
        return Ok(());
    }
    if !typ.eq_ignore_ascii_case("JWT") {
        return Err(AccessTokenError::Type);
    }
    let is_tied = claims.contains_key("nonce") || has_hash(claims);
    match claim_paths::scopes(claims) {
        Some(_) if !is_tied => Ok(()),
        _ => Err(AccessTokenError::IdToken),
    }
}

/// Checks what is true of every token: where a claim is there, it is right.
fn check(claims: Claims, expected: &Expected<'_>) -> Result<AccessToken, AccessTokenError> {
    check_parties(&claims, expected)?;
    let expires_at = check_times(&claims, expected)?;
    // RFC 7800 §3: whoever holds it has to prove a key, which a bearer does not.
    if claims.cnf.is_some() {
        return Err(AccessTokenError::Bound);
    }
    let sub = claims
        .sub
        .and_then(|sub| expected.client.subjects.parse(sub));
    let sub = sub.ok_or(AccessTokenError::Subject)?;
    let rest = &claim_paths::with_tenant(claims.rest, claims.tid);
    // It is all that there is: it says who it is, too.
    let mut told = expected.client.claims.read(Sources {
        id_token: Some(rest),
        ..Sources::default()
    });
    told.left_out.extend(claim_paths::odd_scopes(rest));
    let (sid, auth_time) = (
        claims::optional(rest, "sid"),
        claims::optional::<NumericDate>(rest, "auth_time"),
    );
    told.left_out.extend(sid.as_ref().err());
    told.left_out.extend(auth_time.as_ref().err());
    Ok(AccessToken {
        sub,
        scopes: claim_paths::scopes(rest).unwrap_or_default(),
        sid: sid.unwrap_or_default(),
        auth_time: auth_time.unwrap_or_default().map(NumericDate::seconds),
        told,
        issued_at: claims.iat.map_or(0, NumericDate::seconds),
        expires_at,
    })
}

fn check_parties(claims: &Claims, expected: &Expected<'_>) -> Result<(), AccessTokenError> {
    // `iss`
    let tid = claims.tid.as_ref().and_then(Value::as_str);
    let is_ours = |iss: &String| expected.issuer.is(iss, tid);
    if claims.iss.as_ref().is_some_and(|iss| !is_ours(iss)) {
        return Err(AccessTokenError::Issuer);
    }
    // `aud`
    match &claims.aud {
        Some(aud) if !aud.contains(expected.audience) => Err(AccessTokenError::Audience),
        _ => Ok(()),
    }
}

/// Checks the times, and returns when the token ends.
fn check_times(claims: &Claims, expected: &Expected<'_>) -> Result<UnixSeconds, AccessTokenError> {
    let now = expected.now;
    let later = now.saturating_add(expected.client.leeway.as_secs());
    // `exp`, to the second: whoever uses a token can see when it ends, and get another before.
    let expires_at = claims.exp.map_or(UnixSeconds::MAX, NumericDate::seconds);
    if expires_at <= now {
        return Err(AccessTokenError::Expired(now - expires_at));
    }
    // RFC 7519 §4.1.5 and §4.1.6
    let (nbf, iat) = (claims.nbf, claims.iat);
    let [nbf, iat] = [nbf, iat].map(|it| it.map(NumericDate::seconds));
    if let Some(nbf) = nbf.filter(|nbf| *nbf > later) {
        return Err(AccessTokenError::NotYetValid(nbf.saturating_sub(now)));
    }
    if let Some(iat) = iat.filter(|iat| *iat > later) {
        return Err(AccessTokenError::IssuedInFuture(iat.saturating_sub(now)));
    }
    let too_old = iat.map_or(UnixSeconds::MAX, |iat| {
        iat.saturating_add(expected.max_age.as_secs())
    });
    if too_old <= now {
        return Err(AccessTokenError::TooOld(
            now.saturating_sub(iat.unwrap_or_default()),
        ));
    }
    Ok(expires_at.min(too_old))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, KEYS, client, issuer, sign_with};
    use super::*;
    use crate::protocol::claims::LEEWAY;
    use serde_json::json;

    const NOW: u64 = 1_800_000_000;
    const AUDIENCE: &str = "https://api.example";

    fn expected<R>(with: impl FnOnce(&Expected<'_>) -> R) -> R {
        with(&Expected {
            client: &client("app", "https://id.example"),
            issuer: &issuer("https://id.example"),
            audience: AUDIENCE,
            algorithms: &[Algorithm::RS256],
            max_age: Duration::from_secs(86_400),
            opaque_without_audience: false,
            now: NOW,
        })
    }

    fn claims() -> Value {
        json!({
            "iss": "https://id.example", "sub": "u1", "aud": AUDIENCE, "exp": NOW + 300,
            "iat": NOW - 10, "client_id": "c", "jti": "1", "scope": "read write", "roles": "chief editor",
            "permissions": ["a", "b"], "org_id": "o", "sid": "s", "auth_time": NOW - 20,
        })
    }

    fn verify_as(typ: Value, claims: &Value) -> Result<AccessToken, AccessTokenError> {
        let mut header = json!({"alg": "RS256", "kid": "k1"});
        if !typ.is_null() {
            header["typ"] = typ;
        }
        expected(|it| verify(&sign_with(&header, claims), &KEYS.public, it))
    }

    fn with(claim: &str, value: Value) -> Value {
        let mut claims = claims();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        } else {
            claims[claim] = value;
        }
        claims
    }

    /// The refusal when one claim is another, or is not there (`null`).
    fn refusal(claim: &str, value: Value) -> Option<AccessTokenError> {
        verify_as(json!("at+jwt"), &with(claim, value)).err()
    }

    #[test]
    fn a_good_token_is_read() {
        let token = verify_as(json!("at+jwt"), &claims()).unwrap();
        assert_eq!(token.sub.as_str(), "u1");
        assert_eq!(token.scopes, Scopes::parse("read write"));
        assert_eq!(token.told.roles.unwrap(), ["chief editor"]);
        assert_eq!(token.told.permissions.unwrap(), ["a", "b"]);
        assert_eq!(
            (token.told.organization.as_deref(), token.sid.as_deref()),
            (Some("o"), Some("s"))
        );
        assert_eq!((token.issued_at, token.expires_at), (NOW - 10, NOW + 300));
        assert_eq!(token.auth_time, Some(NOW - 20));
    }

    #[test]
    fn scopes_may_be_a_list() {
        let claims = with("scope", json!(["read", "write"]));
        assert_eq!(
            verify_as(json!("JWT"), &claims).unwrap().scopes,
            Scopes::parse("read write")
        );
    }

    #[test]
    fn scp_counts_as_scope() {
        for scp in [json!("read write"), json!(["read", "write"])] {
            let mut claims = with("scope", Value::Null);
            claims["scp"] = scp;
            for typ in [json!("at+jwt"), json!("JWT"), Value::Null] {
                let token = verify_as(typ, &claims).unwrap();
                assert_eq!(token.scopes, Scopes::parse("read write"));
            }
            let mut tied = claims.clone();
            tied["nonce"] = json!("n");
            let refused = verify_as(json!("JWT"), &tied).err();
            assert_eq!(refused, Some(AccessTokenError::IdToken));
            let mut answer = claims;
            answer["active"] = json!(true);
            answer["token_type"] = json!("Bearer");
            let Value::Object(answer) = answer else {
                unreachable!()
            };
            let token = expected(|it| introspected(answer, it)).unwrap();
            assert_eq!(token.scopes, Scopes::parse("read write"));
        }
        let mut odd = with("scope", Value::Null);
        odd["scp"] = json!({"admin": true});
        let refused = verify_as(json!("JWT"), &odd).err();
        assert_eq!(refused, Some(AccessTokenError::IdToken));
        let token = verify_as(json!("at+jwt"), &odd).unwrap();
        assert_eq!(token.scopes, Scopes::default());
        assert_eq!(token.told.left_out, ["scp"]);
    }

    #[test]
    fn a_claim_of_an_odd_type_that_proves_nothing_is_left_out() {
        for claim in [
            "roles",
            "permissions",
            "org_id",
            "name",
            "email",
            "picture",
            "sid",
            "auth_time",
        ] {
            for odd in [json!({"a": 1}), json!([1]), json!(true)] {
                let token = verify_as(json!("at+jwt"), &with(claim, odd)).unwrap();
                assert_eq!(token.told.left_out, [claim]);
                assert_eq!(token.scopes, Scopes::parse("read write"));
            }
        }
        for claim in ["iss", "sub", "aud", "exp", "iat", "nbf"] {
            let refused = refusal(claim, json!({"a": 1}));
            assert!(refused.is_some(), "{claim}");
        }
    }

    #[test]
    fn the_types_of_access_tokens_pass_and_others_do_not() {
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "JWT", "jwt"] {
            assert!(verify_as(json!(typ), &claims()).is_ok(), "{typ}");
        }
        assert!(verify_as(Value::Null, &claims()).is_ok());
        for typ in [
            "logout+jwt",
            "id+jwt",
            "id_token",
            "refresh+jwt",
            "rt+jwt",
            "token-introspection+jwt",
            "application/token-introspection+jwt",
            "dpop+jwt",
            "secevent+jwt",
            "",
            "at+jwt ",
        ] {
            let refused = verify_as(json!(typ), &claims()).err();
            assert_eq!(refused, Some(AccessTokenError::Type), "{typ}");
        }
    }

    #[test]
    fn what_may_be_an_id_token_is_refused() {
        for typ in [json!("JWT"), Value::Null] {
            for claim in HASHES.into_iter().chain(["nonce"]) {
                for value in [json!("x"), json!("")] {
                    let refused = verify_as(typ.clone(), &with(claim, value)).err();
                    assert_eq!(refused, Some(AccessTokenError::IdToken), "{typ} {claim}");
                }
            }
            let refused = verify_as(typ, &with("scope", Value::Null)).err();
            assert_eq!(refused, Some(AccessTokenError::IdToken));
        }
        let mut null = claims();
        null["nonce"] = Value::Null;
        let refused = verify_as(json!("JWT"), &null).err();
        assert_eq!(refused, Some(AccessTokenError::IdToken));
        null = claims();
        null["scope"] = Value::Null;
        let refused = verify_as(json!("JWT"), &null).err();
        assert_eq!(refused, Some(AccessTokenError::IdToken));
        // RFC 9068: its type says what it is, and an access token may grant no scope.
        assert_eq!(refusal("scope", Value::Null), None);
    }

    /// Words by which providers tell their tokens apart.
    fn kinds() -> impl Iterator<Item = (&'static str, Value)> {
        let words = [
            "refresh",
            "Refresh",
            "REFRESH_TOKEN",
            "Offline",
            "id",
            "ID",
            "id_token",
        ];
        let members = KINDS.into_iter().chain(MAYBE_KINDS);
        let of_words = members.flat_map(move |name| words.map(|word| (name, json!(word))));
        let unheard_of = [json!("unheard-of"), json!(5), json!(["access"]), json!("")];
        let of_others = KINDS
            .into_iter()
            .flat_map(move |name| unheard_of.clone().map(|word| (name, word)));
        let introspection = json!({"active": true, "token_type": "Bearer"});
        let signed = ("token_introspection", introspection);
        of_words.chain(of_others).chain([signed])
    }

    #[test]
    fn what_the_provider_calls_otherwise_is_no_access_token() {
        for (name, word) in kinds() {
            for typ in [json!("at+jwt"), json!("JWT"), Value::Null] {
                let refused = verify_as(typ, &with(name, word.clone())).err();
                assert_eq!(refused, Some(AccessTokenError::Kind(name)), "{word}");
            }
        }
    }

    #[test]
    fn what_the_provider_calls_an_access_token_passes() {
        for (name, word) in [
            ("token_use", json!("access")),
            ("token_use", json!("access_token")),
            ("typ", json!("Bearer")),
            ("typ", json!("JWT")),
            ("token_type", json!("Bearer")),
            ("type", json!("access")),
            ("type", json!("customer")),
            ("use", json!("sales")),
        ] {
            assert_eq!(refusal(name, word.clone()), None, "{name}: {word}");
        }
        let mut null = claims();
        null["token_use"] = Value::Null;
        assert!(verify_as(json!("JWT"), &null).is_ok());
        // What it is called does not make up for what ties it to a sign-in.
        let mut tied = with("nonce", json!("n"));
        tied["typ"] = json!("Bearer");
        let refused = verify_as(json!("JWT"), &tied).err();
        assert_eq!(refused, Some(AccessTokenError::IdToken));
    }

    #[test]
    fn a_logout_token_is_refused() {
        assert_eq!(refusal("events", json!({})), Some(AccessTokenError::Event));
    }

    #[test]
    fn another_issuer_is_refused() {
        for iss in [
            "https://evil.example",
            "https://id.example/x",
            "http://id.example",
            "",
        ] {
            let refused = refusal("iss", json!(iss));
            assert_eq!(refused, Some(AccessTokenError::Issuer), "{iss}");
        }
    }

    #[test]
    fn another_audience_is_refused() {
        for aud in [
            json!("https://other.example"),
            json!("https://api.example/"),
            json!("https://api.example https://other.example"),
            json!(["https://other.example"]),
            json!([]),
            Value::Null,
        ] {
            let refused = refusal("aud", aud.clone());
            assert_eq!(refused, Some(AccessTokenError::Audience), "{aud}");
        }
        assert_eq!(
            refusal("aud", json!(["https://other.example", AUDIENCE])),
            None
        );
    }

    #[test]
    fn what_is_required_is_there() {
        for claim in ["iss", "exp", "iat"] {
            let refused = refusal(claim, Value::Null);
            assert_eq!(refused, Some(AccessTokenError::Claims), "{claim}");
        }
        for (claim, value) in [("exp", json!("1")), ("iat", json!(true))] {
            let refused = refusal(claim, value);
            assert_eq!(refused, Some(AccessTokenError::Claims), "{claim}");
        }
    }

    #[test]
    fn an_expired_token_is_refused_at_once() {
        assert_eq!(refusal("exp", json!(NOW + 1)), None);
        for (exp, ago) in [
            (json!(NOW), 0),
            (json!(0), NOW),
            (json!(-1), NOW),
            (json!(NOW - 1), 1),
        ] {
            assert_eq!(refusal("exp", exp), Some(AccessTokenError::Expired(ago)));
        }
    }

    #[test]
    fn a_token_of_the_future_is_refused_after_the_leeway() {
        assert_eq!(refusal("iat", json!(NOW + LEEWAY.as_secs())), None);
        let refused = refusal("iat", json!(NOW + LEEWAY.as_secs() + 1));
        assert_eq!(refused, Some(AccessTokenError::IssuedInFuture(61)));
        assert_eq!(refusal("nbf", json!(NOW + LEEWAY.as_secs())), None);
        let refused = refusal("nbf", json!(NOW + LEEWAY.as_secs() + 1));
        assert_eq!(refused, Some(AccessTokenError::NotYetValid(61)));
    }

    #[test]
    fn a_token_is_good_for_max_age_at_the_most() {
        assert_eq!(
            refusal("iat", json!(NOW - 86_400)),
            Some(AccessTokenError::TooOld(86_400))
        );
        let token = verify_as(json!("at+jwt"), &with("exp", json!(NOW + 1_000_000))).unwrap();
        assert_eq!(token.expires_at, NOW - 10 + 86_400);
    }

    #[test]
    fn a_token_of_nobody_is_refused() {
        for sub in [Value::Null, json!(""), json!("x".repeat(256))] {
            assert_eq!(refusal("sub", sub), Some(AccessTokenError::Subject));
        }
    }

    #[test]
    fn a_token_that_is_bound_to_a_key_is_refused() {
        let cnf = json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"});
        assert_eq!(refusal("cnf", cnf), Some(AccessTokenError::Bound));
    }

    #[test]
    fn a_signature_that_is_none_or_wrong_is_refused() {
        let check = |token: &str| expected(|it| verify(token, &KEYS.public, it).err());
        let token = testing::sign(&claims());
        let (signed, _) = token.rsplit_once('.').unwrap();
        let is_refused = |error| matches!(error, Some(AccessTokenError::Signature(_)));
        assert!(is_refused(check(&format!("{signed}.AAAA"))));
        assert!(is_refused(check(&testing::unsigned(&claims()))));
        assert!(is_refused(check(&testing::hmac_with_public_key(&claims()))));
        let critical = json!({"alg": "RS256", "kid": "k1", "typ": "at+jwt", "crit": ["exp"]});
        assert!(is_refused(check(&sign_with(&critical, &claims()))));
    }

    fn ask(change: impl FnOnce(&mut Value), without_audience: bool) -> Option<AccessTokenError> {
        let mut answer = claims();
        answer["active"] = json!(true);
        answer["token_type"] = json!("Bearer");
        change(&mut answer);
        let Value::Object(answer) = answer else {
            unreachable!("an answer is an object")
        };
        expected(|it| {
            let expected = Expected {
                opaque_without_audience: without_audience,
                ..*it
            };
            introspected(answer, &expected).err()
        })
    }

    #[test]
    fn an_active_token_passes_and_nothing_else_does() {
        assert_eq!(ask(|_| {}, false), None);
        for active in [json!(false), json!("true"), json!(1), Value::Null] {
            let refused = ask(|it| it["active"] = active, false);
            assert_eq!(refused, Some(AccessTokenError::Inactive));
        }
    }

    #[test]
    fn what_the_provider_tells_of_a_token_has_to_be_right() {
        use AccessTokenError as E;
        for (claim, value, error) in [
            ("iss", json!("https://evil.example"), E::Issuer),
            ("aud", json!("other"), E::Audience),
            ("exp", json!(NOW), E::Expired(0)),
            ("iat", json!(NOW + 61), E::IssuedInFuture(61)),
            ("nbf", json!(NOW + 61), E::NotYetValid(61)),
            ("sub", Value::Null, E::Subject),
            ("cnf", json!({"x5t#S256": "x"}), E::Bound),
            ("token_type", json!("DPoP"), E::NoBearer),
            ("token_type", json!(5), E::NoBearer),
        ] {
            for without_audience in [false, true] {
                let refused = ask(|it| it[claim] = value.clone(), without_audience);
                assert_eq!(refused, Some(error), "{claim}");
            }
        }
    }

    #[test]
    fn what_the_provider_need_not_tell_may_be_missing_but_for_the_audience() {
        for claim in ["iss", "exp", "iat", "scope", "token_type", "client_id"] {
            let refused = ask(|it| drop(it.as_object_mut().unwrap().remove(claim)), false);
            assert_eq!(refused, None, "{claim}");
        }
        let refused = ask(|it| it["aud"] = Value::Null, false);
        assert_eq!(refused, Some(AccessTokenError::Audience));
    }

    #[test]
    fn what_the_provider_calls_otherwise_is_none_though_it_is_active() {
        for (name, word) in kinds() {
            for without_audience in [false, true] {
                let refused = ask(|it| it[name] = word.clone(), without_audience);
                let error = match name {
                    "token_type" => AccessTokenError::NoBearer,
                    name => AccessTokenError::Kind(name),
                };
                assert_eq!(refused, Some(error), "{name}: {word}");
            }
        }
        for (name, word) in [
            ("token_use", json!("access_token")),
            ("typ", json!("Bearer")),
            ("type", json!("customer")),
            ("token_use", Value::Null),
        ] {
            assert_eq!(ask(|it| it[name] = word.clone(), false), None, "{name}");
        }
    }

    #[test]
    fn what_may_be_an_id_token_is_refused_though_it_is_active() {
        for claim in HASHES {
            let refused = ask(|it| it[claim] = json!("x"), false);
            assert_eq!(refused, Some(AccessTokenError::IdToken), "{claim}");
        }
        // Some providers put it into access tokens, and say that they are.
        assert_eq!(ask(|it| it["nonce"] = json!("n"), false), None);
        for claim in HASHES
            .into_iter()
            .chain(["nonce", "events", "token_introspection"])
        {
            assert_eq!(ask(|it| it[claim] = Value::Null, false), None, "{claim}");
            let untyped = |it: &mut Value| {
                it[claim] = Value::Null;
                it["token_type"] = Value::Null;
            };
            assert_eq!(ask(untyped, false), None, "{claim}");
            // As if it were not there.
            assert_eq!(ask(untyped, true), None, "{claim}");
        }
        let untyped = |it: &mut Value| {
            it["nonce"] = json!("n");
            it.as_object_mut().unwrap().remove("token_type");
        };
        assert_eq!(ask(untyped, false), Some(AccessTokenError::IdToken));
        let refused = ask(|it| it["events"] = json!({}), false);
        assert_eq!(refused, Some(AccessTokenError::Event));
    }

    #[test]
    fn without_an_audience_it_is_an_access_token_for_sure() {
        assert_eq!(ask(|it| it["aud"] = Value::Null, true), None);
        let untyped = |it: &mut Value| {
            let answer = it.as_object_mut().unwrap();
            answer.remove("aud");
            answer.remove("token_type");
        };
        assert_eq!(ask(untyped, true), Some(AccessTokenError::NoBearer));
    }

    #[test]
    fn a_jwt_is_told_from_an_opaque_token() {
        assert!(is_jwt("eyJ.eyJ.AA_-") && is_jwt("a.b."));
        for opaque in ["abc", "a.b", "a.b.c.d.e", "a.b.c==", "a.b+.c", "a.b~.c"] {
            assert!(!is_jwt(opaque), "{opaque}");
        }
    }
}
