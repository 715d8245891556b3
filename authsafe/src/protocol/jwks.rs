//! The provider's keys (RFC 7517), and which algorithms they may be used with.

use core::fmt;

use authsafe_rules::default::ALGORITHMS as ALGORITHM_NAMES;
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Header, TokenData, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// The algorithms that are ever accepted. There is no `none` and no HMAC among them, and no way
/// to add one: a public key must never serve as an HMAC secret.
pub(crate) const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Returns the algorithms of these names. `None`: none is named.
pub(crate) fn named(names: &[&str]) -> Option<Vec<Algorithm>> {
    let is_named = |it: &Algorithm| names.contains(&format!("{it:?}").as_str());
    let named = ALGORITHMS.into_iter().filter(is_named);
    (!names.is_empty()).then(|| named.collect())
}

/// Names of accepted algorithms, to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Names([bool; ALGORITHMS.len()]);

impl Names {
    pub(crate) fn of(algorithms: &[Algorithm]) -> Self {
        Self(ALGORITHMS.map(|it| algorithms.contains(&it)))
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = ALGORITHMS.into_iter().zip(self.0).filter(|(_, is)| *is);
        for (i, (algorithm, _)) in named.enumerate() {
            let before = if i == 0 { "" } else { ", " };
            write!(f, "{before}`{algorithm:?}`")?;
        }
        Ok(())
    }
}

/// A key set as the provider serves it. Keys that we do not understand are passed over (RFC 7517 §5).
#[derive(Deserialize)]
pub(crate) struct Document {
    keys: Vec<serde_json::Value>,
}

impl Document {
    /// Returns the keys that are understood. `None`: none of them verifies anything.
    pub(crate) fn usable(self) -> Option<JwkSet> {
        let keys = self.understood();
        let is_usable = |jwk: &Jwk| {
            let verifies = |algorithm: &Algorithm| usable(jwk, *algorithm).is_some();
            ALGORITHMS.iter().any(verifies)
        };
        keys.keys.iter().any(is_usable).then_some(keys)
    }

    fn understood(self) -> JwkSet {
        JwkSet {
            keys: self.keys.into_iter().filter_map(understood).collect(),
        }
    }
}

/// The members of a key that are read (RFC 7517 §4, RFC 7518 §6). What else it has says nothing of a
/// signature, and spoils nothing.
const MEMBERS: [&str; 10] = [
    "kty", "use", "key_ops", "alg", "kid", "n", "e", "crv", "x", "y",
];

/// Reads a key, if it is one that we understand.
fn understood(mut key: serde_json::Value) -> Option<Jwk> {
    let members = key.as_object_mut()?;
    members.retain(|name, _| MEMBERS.contains(&name.as_str()));
    if members.get("kid").and_then(|kid| kid.as_str()) == Some("") {
        members.remove("kid");
    }
    for name in ["n", "e", "x", "y"] {
        // RFC 7515 §2 has no padding; some providers write it all the same.
        if let Some(serde_json::Value::String(number)) = members.get_mut(name) {
            number.truncate(number.trim_end_matches('=').len());
        }
    }
    serde_json::from_value(key).ok()
}

/// The reason that a signed token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignatureError {
    #[error("it is not a signed JWT")]
    Malformed,
    #[error("it is signed by `{came}`, and accepted are {accepted}")]
    Algorithm { came: &'static str, accepted: Names },
    #[error("it has a critical header that is not understood")]
    Critical,
    #[error("no key of the provider fits it")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("it is signed, and a claim is missing or is no such claim")]
    Claims,
}

impl SignatureError {
    fn algorithm(came: &str, accepted: &[Algorithm]) -> Self {
        let known = REFUSED.into_iter().chain(ALGORITHM_NAMES);
        Self::Algorithm {
            came: known
                .into_iter()
                .find(|it| *it == came)
                .unwrap_or("another"),
            accepted: Names::of(accepted),
        }
    }
}

/// Algorithms that are never accepted, by the names that are told (RFC 7518 §3.1, RFC 8812 §3.2, RFC 9864
/// §2.2). What else a token names is anybody's word.
const REFUSED: [&str; 8] = [
    "none", "HS256", "HS384", "HS512", "ES512", "ES256K", "Ed25519", "Ed448",
];

/// Returns why the header of a token cannot be read: it may be another algorithm.
fn unreadable(token: &str, algorithms: &[Algorithm]) -> SignatureError {
    #[derive(Deserialize)]
    struct Named {
        alg: String,
    }
    let [Some(header), Some(_), Some(_), None] = ({
        let mut parts = token.split('.');
        [parts.next(), parts.next(), parts.next(), parts.next()]
    }) else {
        return SignatureError::Malformed;
    };
    let header = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(header);
    let named = header.map(|header| serde_json::from_slice::<Named>(&header));
    match named {
        Ok(Ok(Named { alg })) if !ALGORITHM_NAMES.contains(&alg.as_str()) => {
            SignatureError::algorithm(&alg, algorithms)
        }
        _ => SignatureError::Malformed,
    }
}

/// The reason that a token was refused, which may be a key that the provider has published since.
pub(crate) trait MayLackKey {
    /// Returns whether this is wrong with its signature.
    fn is(&self, error: SignatureError) -> bool;

    /// Returns whether the key that signed it is not among the keys.
    fn lacks_key(&self) -> bool {
        self.is(SignatureError::UnknownKey)
    }

    /// Returns whether a key of its `kid` is, and did not sign it. It is forged, or the provider has a new
    /// key under the old name.
    fn has_wrong_signature(&self) -> bool {
        self.is(SignatureError::Signature)
    }
}

impl<E: PartialEq + From<SignatureError>> MayLackKey for E {
    fn is(&self, error: SignatureError) -> bool {
        *self == error.into()
    }
}

/// Verifies a JWT's signature (RFC 7515 §5.2) and reads its claims; checks none of them.
pub(crate) fn verify<C: DeserializeOwned>(
    token: &str,
    keys: &JwkSet,
    algorithms: &[Algorithm],
) -> Result<(Header, C), SignatureError> {
    let Ok(mut header) = decode_header(token) else {
        return Err(unreadable(token, algorithms));
    };
    header.kid = header.kid.filter(|kid| !kid.is_empty());
    if !algorithms.contains(&header.alg) {
        return Err(SignatureError::algorithm(
            &format!("{:?}", header.alg),
            algorithms,
        ));
    }
    if header.crit.is_some() {
        // RFC 7515 §4.1.11: we understand no extension.
        return Err(SignatureError::Critical);
    }
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let mut tried = None;
    for key in candidates(keys, &header) {
        match decode(token, &key, &validation) {
            Ok(TokenData { claims, .. }) => return Ok((header, claims)),
            // It is by this key: another one would not make its claims better.
            Err(_) if decode::<IgnoredAny>(token, &key, &validation).is_ok() => {
                return Err(SignatureError::Claims);
            }
            Err(_) => tried = Some(SignatureError::Signature),
        }
    }
    // Unless a key has its `kid`, nobody has said that it is by this key: the provider may have another
    // by now.
    let tried = tried.filter(|_| header.kid.is_some() && keys.keys.iter().any(is_named(&header)));
    Err(tried.unwrap_or(SignatureError::UnknownKey))
}

/// Returns the `kid` of a token's header.
pub(crate) fn kid(token: &str) -> Option<String> {
    decode_header(token).ok()?.kid.filter(|kid| !kid.is_empty())
}

/// Returns a key as one that verifies signatures by this algorithm, if it is one.
fn usable(jwk: &Jwk, algorithm: Algorithm) -> Option<DecodingKey> {
    let common = &jwk.common;
    let signs = common
        .public_key_use
        .as_ref()
        .is_none_or(|it| *it == PublicKeyUse::Signature);
    let verifies = common
        .key_operations
        .as_ref()
        .is_none_or(|it| it.contains(&KeyOperations::Verify));
    let fits = common
        .key_algorithm
        .is_none_or(|it| it.to_string() == format!("{algorithm:?}"));
    let key = (signs && verifies && fits).then(|| DecodingKey::from_jwk(jwk).ok())??;
    (key.family() == algorithm.family() && is_on_curve(jwk, algorithm)).then_some(key)
}

/// Returns whether a key of the set verifies signatures by this algorithm.
#[cfg(feature = "cli")]
pub(crate) fn has_key_for(keys: &JwkSet, algorithm: Algorithm) -> bool {
    keys.keys.iter().any(|jwk| usable(jwk, algorithm).is_some())
}

/// Reads a JWT without verifying it: anybody may have written it, and nothing of it is to be believed.
pub(crate) fn unverified<C: DeserializeOwned>(token: &str) -> Result<(Header, C), SignatureError> {
    let read = insecure_decode(token).map_err(|_| SignatureError::Malformed)?;
    Ok((read.header, read.claims))
}

/// Returns whether an elliptic key is on the curve of an algorithm (RFC 7518 §3.4, RFC 8037 §3.1).
fn is_on_curve(jwk: &Jwk, algorithm: Algorithm) -> bool {
    let curve = match &jwk.algorithm {
        AlgorithmParameters::EllipticCurve(key) => &key.curve,
        AlgorithmParameters::OctetKeyPair(key) => &key.curve,
        _ => return true,
    };
    match algorithm {
        Algorithm::ES256 => *curve == EllipticCurve::P256,
        Algorithm::ES384 => *curve == EllipticCurve::P384,
        Algorithm::EdDSA => *curve == EllipticCurve::Ed25519,
        _ => false,
    }
}

/// The most keys that a token is tried by: each costs a verification.
const MAX_TRIED: usize = 16;

/// Returns the signing keys of the token's `kid`; where none has it, those without one, and where the
/// token has none, each of its kind. A signature is by one key whatever it is called (RFC 7515 §6).
fn candidates(keys: &JwkSet, header: &Header) -> Vec<DecodingKey> {
    let named = keys.keys.iter().filter(|jwk| is_named(header)(jwk));
    let mut found: Vec<&Jwk> = named.collect();
    if found.is_empty() {
        let nameless = keys.keys.iter().filter(|jwk| jwk.common.key_id.is_none());
        found = nameless.collect();
    }
    let usable = found.into_iter().filter_map(|jwk| usable(jwk, header.alg));
    usable.take(MAX_TRIED).collect()
}

/// Returns whether a key may be the one that a token names.
fn is_named(header: &Header) -> impl Fn(&Jwk) -> bool {
    |jwk| header.kid.is_none() || jwk.common.key_id == header.kid
}

#[cfg(test)]
mod tests {
    use super::super::testing::{KEYS, sign, sign_with, unsigned};
    use super::*;
    use serde_json::{Value, json};

    fn check(token: &str, keys: &JwkSet) -> Result<Value, SignatureError> {
        verify(token, keys, &[Algorithm::RS256]).map(|(_, claims)| claims)
    }

    fn keys_with(name: &str, value: Value) -> JwkSet {
        let mut keys = serde_json::to_value(&KEYS.public).unwrap();
        keys["keys"][0][name] = value;
        serde_json::from_value(keys).unwrap()
    }

    #[test]
    fn what_other_keys_may_mend_is_told_of_each_kind_of_token() {
        use super::super::access_token::AccessTokenError;
        use super::super::grants::GrantsError;
        use super::super::id_token::IdTokenError;
        use super::super::logout_token::LogoutTokenError;
        use super::super::userinfo::UserInfoError;
        for (error, lacks_key, is_wrong) in [
            (SignatureError::UnknownKey, true, false),
            (SignatureError::Signature, false, true),
            (SignatureError::Malformed, false, false),
            (SignatureError::Claims, false, false),
        ] {
            let errors: [&dyn MayLackKey; 5] = [
                &error,
                &IdTokenError::from(error),
                &AccessTokenError::from(error),
                &LogoutTokenError::from(error),
                &UserInfoError::from(error),
            ];
            for told in errors {
                let told = (told.lacks_key(), told.has_wrong_signature());
                assert_eq!(told, (lacks_key, is_wrong), "{error}");
            }
            // An access token that nobody but its API can verify has no keys fetched.
            assert!(!GrantsError::Unverified(error).lacks_key());
            assert!(!GrantsError::Unverified(error).has_wrong_signature());
        }
        assert!(GrantsError::UnknownKey.lacks_key());
    }

    #[test]
    fn the_allow_list_holds_no_hmac() {
        use jsonwebtoken::AlgorithmFamily;
        assert!(
            ALGORITHMS
                .iter()
                .all(|it| it.family() != AlgorithmFamily::Hmac)
        );
    }

    #[test]
    fn the_attribute_names_the_algorithms_of_the_allow_list() {
        assert_eq!(ALGORITHMS.map(|it| format!("{it:?}")), ALGORITHM_NAMES);
        assert_eq!(named(&[]), None);
        let both = [Algorithm::ES256, Algorithm::EdDSA];
        assert_eq!(named(&["EdDSA", "ES256"]).unwrap(), both);
        assert_eq!(named(&["HS256"]).unwrap(), []);
    }

    #[test]
    fn the_log_names_the_algorithm_that_came_and_those_that_are_accepted() {
        let told = |header: Value| {
            let token = sign_with(&header, &json!({}));
            let accepted = [Algorithm::PS256, Algorithm::ES384];
            let refused = verify::<Value>(&token, &KEYS.public, &accepted);
            refused.unwrap_err().to_string()
        };
        for came in ["RS256", "HS256", "none", "ES512", "Ed25519"] {
            let expected = format!("it is signed by `{came}`, and accepted are `PS256`, `ES384`");
            assert_eq!(told(json!({"alg": came, "kid": "k1"})), expected);
        }
        // Whoever writes a token has no word in the log.
        let told = told(json!({"alg": "<script>"}));
        assert!(told.starts_with("it is signed by `another`"), "{told}");
    }

    #[test]
    fn a_key_of_another_kind_does_not_spoil_the_set() {
        let mut keys = serde_json::to_value(&KEYS.public).unwrap();
        let list = keys["keys"].as_array_mut().unwrap();
        list.insert(
            0,
            json!({"kty": "EC", "crv": "unheard-of", "x": "AA", "y": "AA"}),
        );
        list.insert(0, json!({"kty": 5}));
        let keys = serde_json::from_value::<Document>(keys)
            .unwrap()
            .understood();
        assert!(check(&sign(&json!({})), &keys).is_ok());
    }

    #[test]
    fn a_signed_token_is_read() {
        assert_eq!(
            check(&sign(&json!({"a": 1})), &KEYS.public),
            Ok(json!({"a": 1}))
        );
    }

    #[test]
    fn a_changed_token_is_refused() {
        let token = sign(&json!({"a": 1}));
        let other = sign(&json!({"a": 2}));
        let parts: Vec<_> = token.split('.').collect();
        let others: Vec<_> = other.split('.').collect();
        let mixed = [parts[0], others[1], parts[2]].join(".");
        assert_eq!(check(&mixed, &KEYS.public), Err(SignatureError::Signature));
    }

    #[test]
    fn an_unsigned_token_is_refused() {
        assert!(check(&unsigned(&json!({})), &KEYS.public).is_err());
    }

    #[test]
    fn an_unknown_kid_is_told_from_a_wrong_signature() {
        let token = sign_with(&json!({"alg": "RS256", "kid": "k2"}), &json!({}));
        assert_eq!(check(&token, &KEYS.public), Err(SignatureError::UnknownKey));
    }

    /// A set as a provider serves it: of changes to the one key that signs.
    fn served(changes: &[Value]) -> JwkSet {
        let key = serde_json::to_value(&KEYS.public.keys[0]).unwrap();
        let changed = |change: &Value| {
            let mut key = key.clone();
            let members = key.as_object_mut().unwrap();
            for (name, value) in change.as_object().unwrap() {
                members.insert(name.clone(), value.clone());
            }
            members.retain(|_, value| !value.is_null());
            key
        };
        let keys: Vec<_> = changes.iter().map(changed).collect();
        let document: Document = serde_json::from_value(json!({ "keys": keys })).unwrap();
        document.understood()
    }

    /// A number that is no key of anybody's who signs here.
    fn other_number() -> Value {
        let key = serde_json::to_value(&KEYS.public.keys[0]).unwrap();
        let number = key["n"].as_str().unwrap();
        let first = if number.starts_with('x') { "y" } else { "x" };
        json!(format!("{first}{}", &number[1..]))
    }

    #[test]
    fn without_a_kid_each_key_that_fits_is_tried() {
        for header in [json!({"alg": "RS256"}), json!({"alg": "RS256", "kid": ""})] {
            let token = sign_with(&header, &json!({}));
            assert!(check(&token, &KEYS.public).is_ok());
            let others = [
                json!({"kid": "a", "n": other_number()}),
                json!({"kid": null, "n": other_number()}),
                json!({"kid": "b", "use": "enc"}),
                json!({"kid": "c", "alg": "RS512"}),
            ];
            let signer = json!({"kid": "k1"});
            let with_it = served(&[&others[..], &[signer]].concat());
            assert!(check(&token, &with_it).is_ok(), "{header}");
            let without = check(&token, &served(&others));
            assert_eq!(without, Err(SignatureError::UnknownKey), "{header}");
            // Each has its turn, the one that signs among the last.
            let (message, _) = token.rsplit_once('.').unwrap();
            let forged = check(&format!("{message}.AAAA"), &with_it);
            assert_eq!(forged, Err(SignatureError::UnknownKey), "{header}");
        }
    }

    #[test]
    fn a_token_is_not_tried_by_any_number_of_keys() {
        let token = sign_with(&json!({"alg": "RS256"}), &json!({}));
        let other = json!({"n": other_number()});
        let keys = |before: usize| {
            let mut changes = vec![other.clone(); before];
            changes.push(json!({}));
            served(&changes)
        };
        assert!(check(&token, &keys(MAX_TRIED - 1)).is_ok());
        let beyond = check(&token, &keys(MAX_TRIED));
        assert_eq!(beyond, Err(SignatureError::UnknownKey));
    }

    #[test]
    fn a_key_without_a_kid_is_tried_where_none_has_the_tokens() {
        for kid in [json!(null), json!("")] {
            let nameless = json!({"kid": kid, "n": other_number()});
            let signer = json!({"kid": kid});
            let keys = served(&[nameless.clone(), signer.clone()]);
            assert!(check(&sign(&json!({})), &keys).is_ok(), "{kid}");
            let unknown = check(&sign(&json!({})), &served(&[nameless]));
            assert_eq!(unknown, Err(SignatureError::UnknownKey), "{kid}");
            // A key of its name is the one that it is by.
            let named = json!({"kid": "k1", "n": other_number()});
            let keys = served(&[named, signer]);
            let refused = check(&sign(&json!({})), &keys);
            assert_eq!(refused, Err(SignatureError::Signature), "{kid}");
        }
    }

    #[test]
    fn a_key_is_read_whatever_else_it_has() {
        let key = serde_json::to_value(&KEYS.public.keys[0]).unwrap();
        let padded = format!("{}==", key["n"].as_str().unwrap());
        for change in [
            json!({ "n": padded }),
            json!({"x5c": ["MIIC"], "alg": null}),
            json!({"x5c": "none", "x5t": 5, "x5u": {}}),
            json!({"use": null, "alg": null}),
        ] {
            let read = check(&sign(&json!({})), &served(std::slice::from_ref(&change)));
            assert!(read.is_ok(), "{change}");
        }
    }

    #[test]
    fn without_a_name_a_key_for_something_else_does_not_verify() {
        let token = sign_with(&json!({"alg": "RS256"}), &json!({}));
        for change in [
            json!({"kid": null, "use": "enc"}),
            json!({"kid": null, "key_ops": ["encrypt"]}),
            json!({"kid": null, "alg": "RS512"}),
            json!({"kid": null, "alg": "RSA-OAEP"}),
            json!({"kid": null, "alg": "future"}),
        ] {
            let keys = served(std::slice::from_ref(&change));
            let refused = Err(SignatureError::UnknownKey);
            assert_eq!(check(&token, &keys), refused, "{change}");
            assert_eq!(check(&sign(&json!({})), &keys), refused, "{change}");
        }
        let curve = json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"});
        let document: Document = serde_json::from_value(json!({ "keys": [curve] })).unwrap();
        let read = check(&token, &document.understood());
        assert_eq!(read, Err(SignatureError::UnknownKey));
    }

    #[test]
    fn without_a_name_the_public_key_is_no_hmac_secret_and_none_no_algorithm() {
        let keys = served(&[json!({"kid": null, "alg": null})]);
        for token in [
            super::super::testing::hmac_with_public_key(&json!({})),
            unsigned(&json!({})),
        ] {
            assert!(verify::<Value>(&token, &keys, &ALGORITHMS).is_err());
        }
    }

    #[test]
    fn an_elliptic_key_is_on_the_curve_of_its_algorithm() {
        let key = |kty: &str, crv: &str| -> Jwk {
            serde_json::from_value(json!({"kty": kty, "crv": crv, "x": "AA", "y": "AA"})).unwrap()
        };
        let curves = [("EC", "P-256"), ("EC", "P-384"), ("OKP", "Ed25519")];
        let algorithms = [Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA];
        for (i, (kty, crv)) in curves.into_iter().enumerate() {
            for (j, algorithm) in algorithms.into_iter().enumerate() {
                let fits = is_on_curve(&key(kty, crv), algorithm);
                assert_eq!(fits, i == j, "{crv} {algorithm:?}");
            }
        }
    }

    #[test]
    fn without_a_kid_a_wrong_signature_may_be_by_a_key_that_is_not_known() {
        let token = sign_with(&json!({"alg": "RS256"}), &json!({}));
        let (signed, _) = token.rsplit_once('.').unwrap();
        let read = check(&format!("{signed}.AAAA"), &KEYS.public);
        assert_eq!(read, Err(SignatureError::UnknownKey));
    }

    #[test]
    fn claims_that_cannot_be_read_are_no_matter_of_keys() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Claims {
            org_id: Option<String>,
        }
        for header in [
            json!({"alg": "RS256"}),
            json!({"alg": "RS256", "kid": "k1"}),
        ] {
            let token = sign_with(&header, &json!({"org_id": 5}));
            let read = |token: &str| {
                verify::<Claims>(token, &KEYS.public, &[Algorithm::RS256]).map(|(_, claims)| claims)
            };
            assert_eq!(read(&token), Err(SignatureError::Claims), "{header}");
            // Nothing is said of what nobody signed.
            let (signed, _) = token.rsplit_once('.').unwrap();
            let unsigned = read(&format!("{signed}.AAAA"));
            assert_ne!(unsigned, Err(SignatureError::Claims), "{header}");
        }
    }

    #[test]
    fn a_set_without_a_key_that_verifies_anything_is_none() {
        let usable = |keys: Value| {
            let document: Document = serde_json::from_value(json!({ "keys": keys })).unwrap();
            document.usable().is_some()
        };
        let good = serde_json::to_value(&KEYS.public.keys[0]).unwrap();
        let with = |name: &str, value: Value| {
            let mut key = good.clone();
            key[name] = value;
            key
        };
        for none in [
            json!([]),
            json!([{"kty": "future", "kid": "k1"}]),
            json!([{"kty": "oct", "k": "c2VjcmV0", "kid": "k1"}]),
            json!([with("use", json!("enc"))]),
            json!([with("key_ops", json!(["sign"]))]),
            json!([with("alg", json!("RSA-OAEP"))]),
        ] {
            assert!(!usable(none.clone()), "{none}");
        }
        assert!(usable(json!([good])));
        assert!(usable(json!([{"kty": "future"}, good])));
    }

    #[test]
    fn a_key_for_something_else_does_not_verify() {
        for (name, value) in [
            ("use", json!("enc")),
            ("key_ops", json!(["encrypt"])),
            ("alg", json!("RS512")),
        ] {
            let keys = keys_with(name, value);
            assert_eq!(
                check(&sign(&json!({})), &keys),
                Err(SignatureError::UnknownKey),
                "{name}"
            );
        }
    }

    #[test]
    fn a_key_of_another_type_does_not_verify_whatever_is_accepted() {
        // RFC 7517 A.1, under the name of the key that signed.
        let mut keys = serde_json::to_value(&KEYS.public).unwrap();
        let kid = keys["keys"][0]["kid"].clone();
        keys["keys"][0] = json!({
            "kty": "EC", "crv": "P-256", "kid": kid,
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        });
        let keys: JwkSet = serde_json::from_value(keys).unwrap();
        let token = sign(&json!({}));
        let found = verify::<Value>(&token, &keys, &ALGORITHMS).map(|_| ());
        assert_eq!(found, Err(SignatureError::UnknownKey));
        assert!(verify::<Value>(&token, &KEYS.public, &ALGORITHMS).is_ok());
    }

    #[test]
    fn a_critical_header_is_refused() {
        let token = sign_with(
            &json!({"alg": "RS256", "kid": "k1", "crit": ["b64"]}),
            &json!({}),
        );
        assert_eq!(check(&token, &KEYS.public), Err(SignatureError::Critical));
    }

    #[test]
    fn what_is_no_jwt_is_refused() {
        for token in ["", "a", "a.b", "a.b.c", "...."] {
            assert_eq!(
                check(token, &KEYS.public),
                Err(SignatureError::Malformed),
                "{token}"
            );
        }
    }

    #[test]
    fn a_key_that_the_token_brings_itself_verifies_nothing() {
        // Signed by a key that nobody published, which the header shows (RFC 7515 §4.1.2 to §4.1.6).
        let shown = serde_json::to_value(&KEYS.public.keys[0]).unwrap();
        let mut others = serde_json::to_value(&KEYS.public).unwrap();
        others["keys"][0]["n"] = json!("uWQ".repeat(114));
        let others: JwkSet = serde_json::from_value(others).unwrap();
        let url = "https://evil.example/keys";
        for (name, value) in [
            ("jwk", shown),
            ("jku", json!(url)),
            ("x5u", json!(url)),
            ("x5c", json!(["MIIB"])),
            ("x5t", json!("dGh1bWI")),
        ] {
            let mut header = json!({"alg": "RS256", "kid": "k1"});
            header[name] = value;
            let token = sign_with(&header, &json!({"sub": "u1"}));
            let verdict = check(&token, &others);
            assert!(verdict.is_err(), "{name}: {verdict:?}");
        }
    }

    fn with_header(header: &Value) -> String {
        let header = base64_simd::URL_SAFE_NO_PAD.encode_to_string(header.to_string());
        format!("{header}.e30.AAAA")
    }

    #[test]
    fn a_key_is_named_by_a_text_that_is_not_empty() {
        for (header, expected) in [
            (json!({"alg": "RS256", "kid": "k1"}), Some("k1")),
            (json!({"alg": "RS256", "kid": ""}), None),
            (json!({"alg": "RS256"}), None),
            (json!({"kid": "k1"}), None),
        ] {
            assert_eq!(kid(&with_header(&header)).as_deref(), expected, "{header}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_read_is_told_by_its_algorithm_where_that_is_none_of_ours() {
        let told = |header| check(&with_header(&header), &KEYS.public).unwrap_err();
        assert_eq!(
            told(json!({"alg": "RS256", "kid": 5})),
            SignatureError::Malformed
        );
        assert_ne!(
            told(json!({"alg": "none", "kid": 5})),
            SignatureError::Malformed
        );
    }

    #[test]
    fn a_key_is_usable_by_algorithms_of_its_family_and_of_its_curve() {
        use super::super::testing::Signer;
        let rsa = [Algorithm::RS256, Algorithm::RS384, Algorithm::PS256];
        for (of, by) in [
            (Algorithm::RS256, &rsa[..]),
            (Algorithm::ES256, &[Algorithm::ES256]),
            (Algorithm::ES384, &[Algorithm::ES384]),
            (Algorithm::EdDSA, &[Algorithm::EdDSA]),
        ] {
            let key: Jwk = serde_json::from_value(Signer::new(of).jwk()).unwrap();
            let others = [Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA];
            for algorithm in rsa.into_iter().chain(others) {
                let found = usable(&key, algorithm).is_some();
                assert_eq!(found, by.contains(&algorithm), "{of:?} {algorithm:?}");
            }
        }
    }
}
