//! Tokens that are really signed, by each accepted algorithm: of each kind the good ones pass, and nothing
//! else does under any of them.

use core::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::jwks::{ALGORITHMS, Document};
use super::testing::{Signer, client, issuer};
use super::{access_token, grants, id_token, logout_token, userinfo};
use crate::types::{Nonce, Subjects};

const NOW: u64 = 1_800_000_000;
const API: &str = "https://api.example";

/// A kind of token: what a good one of it has, and what is said of one.
struct Kind {
    name: &'static str,
    typ: &'static str,
    claims: fn() -> Value,
    check: fn(&str, &JwkSet, &[Algorithm]) -> Result<(), String>,
    /// Whether it comes beside an ID token, whose user it has to be of.
    is_beside: bool,
}

const KINDS: [Kind; 5] = [
    Kind {
        name: "ID token",
        typ: "JWT",
        claims: || {
            json!({
                "iss": "https://id.example", "sub": "u1", "aud": "app", "nonce": "n",
                "exp": NOW + 300, "iat": NOW,
            })
        },
        check: |token, keys, algorithms| {
            let expected = id_token::Expected {
                client: &client("app", "https://id.example"),
                issuer: &issuer("https://id.example"),
                algorithms,
                nonce: Some(&Nonce::read("n".to_owned())),
                access_token: "",
                now: NOW,
            };
            let verified = id_token::verify(token, keys, &expected);
            verified.map(drop).map_err(|it| it.to_string())
        },
        is_beside: false,
    },
    Kind {
        name: "bearer token",
        typ: "at+jwt",
        claims: || {
            json!({
                "iss": "https://id.example", "sub": "u1", "aud": API, "exp": NOW + 300, "iat": NOW,
                "client_id": "c", "jti": "1", "scope": "read",
            })
        },
        check: |token, keys, algorithms| {
            let expected = access_token::Expected {
                client: &client("app", "https://id.example"),
                issuer: &issuer("https://id.example"),
                audience: API,
                algorithms,
                max_age: Duration::from_secs(86_400),
                opaque_without_audience: false,
                now: NOW,
            };
            let verified = access_token::verify(token, keys, &expected);
            verified.map(drop).map_err(|it| it.to_string())
        },
        is_beside: false,
    },
    Kind {
        name: "access token beside an ID token",
        typ: "at+jwt",
        claims: || json!({"iss": "https://id.example", "sub": "u1", "aud": "app", "scope": "read"}),
        check: |token, keys, algorithms| {
            let client = client("app", "https://id.example");
            let (issuer, subject) = (issuer("https://id.example"), Subjects::AuthSafe.of("u1"));
            let read = grants::read(token, keys, algorithms, &client, &issuer, &subject);
            match read {
                Ok(Some(_)) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        },
        is_beside: true,
    },
    Kind {
        name: "logout token",
        typ: "logout+jwt",
        claims: || {
            json!({
                "iss": "https://id.example", "sub": "u1", "aud": "app", "exp": NOW + 120, "iat": NOW,
                "jti": "j", "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            })
        },
        check: |token, keys, algorithms| {
            let expected = logout_token::Expected {
                client: &client("app", "https://id.example"),
                issuer: &issuer("https://id.example"),
                algorithms,
                now: NOW,
            };
            let verified = logout_token::verify(token, keys, &expected);
            verified.map(drop).map_err(|it| it.to_string())
        },
        is_beside: false,
    },
    Kind {
        name: "answer of UserInfo",
        typ: "JWT",
        claims: || json!({"iss": "https://id.example", "sub": "u1", "aud": "app", "exp": NOW + 300}),
        check: |token, keys, algorithms| {
            let expected = userinfo::Expected {
                client: &client("app", "https://id.example"),
                issuer: &issuer("https://id.example"),
                algorithms,
                subject: Subjects::AuthSafe.of("u1"),
                now: NOW,
            };
            let verified = userinfo::signed(token, keys, &expected);
            verified.map(drop).map_err(|it| it.to_string())
        },
        is_beside: true,
    },
];

impl Kind {
    fn sign(&self, signer: &Signer, claims: &Value) -> String {
        signer.sign(&json!({ "typ": self.typ }), claims)
    }

    fn good(&self, signer: &Signer) -> String {
        self.sign(signer, &(self.claims)())
    }

    /// A good one, but for one claim.
    fn with(&self, signer: &Signer, claim: &str, value: Value) -> String {
        let mut claims = (self.claims)();
        claims[claim] = value;
        self.sign(signer, &claims)
    }
}

fn set(keys: &[Value]) -> JwkSet {
    let document: Document = serde_json::from_value(json!({ "keys": keys })).unwrap();
    document.usable().unwrap_or(JwkSet { keys: Vec::new() })
}

fn signers() -> Vec<Signer> {
    ALGORITHMS.into_iter().map(Signer::new).collect()
}

/// A set in which each algorithm has its key.
fn all(signers: &[Signer]) -> JwkSet {
    set(&signers.iter().map(Signer::jwk).collect::<Vec<_>>())
}

/// Does this with each kind of token, and each algorithm.
fn each(with: impl Fn(&Kind, &Signer, &JwkSet)) {
    let signers = signers();
    let keys = all(&signers);
    for kind in &KINDS {
        for signer in &signers {
            with(kind, signer, &keys);
        }
    }
}

fn header_and_claims(token: &str) -> [&str; 2] {
    let mut parts = token.split('.');
    [parts.next().unwrap(), parts.next().unwrap()]
}

#[test]
fn a_good_token_passes_by_each_algorithm() {
    each(|kind, signer, keys| {
        let token = kind.good(signer);
        let told = format!("{}: {}", kind.name, signer.name());
        assert_eq!((kind.check)(&token, keys, &ALGORITHMS), Ok(()), "{told}");
        assert_eq!(
            (kind.check)(&token, keys, &[signer.algorithm]),
            Ok(()),
            "{told}"
        );
        // With its key alone, and where nothing has a name.
        let mut nameless = signer.jwk();
        nameless.as_object_mut().unwrap().remove("kid");
        let alone = set(&[nameless]);
        let token = signer.sign(&json!({"typ": kind.typ, "kid": ""}), &(kind.claims)());
        assert_eq!((kind.check)(&token, &alone, &ALGORITHMS), Ok(()), "{told}");
    });
}

#[test]
fn by_an_algorithm_that_is_not_accepted_none_passes() {
    each(|kind, signer, keys| {
        let others = ALGORITHMS.into_iter().filter(|it| *it != signer.algorithm);
        let others: Vec<_> = others.collect();
        let refused = (kind.check)(&kind.good(signer), keys, &others).unwrap_err();
        let is_told = refused.contains(&signer.name());
        assert!(is_told, "{}: {}: {refused}", kind.name, signer.name());
    });
}

#[test]
fn what_is_forged_or_swapped_passes_by_none() {
    each(|kind, signer, keys| {
        let told = format!("{}: {}", kind.name, signer.name());
        let refuses = |token: &str, how: &str| {
            let read = (kind.check)(token, keys, &ALGORITHMS);
            assert!(read.is_err(), "{told}: {how}");
        };
        let good = kind.good(signer);
        let (message, signature) = good.rsplit_once('.').unwrap();
        refuses(&kind.good(&Signer::other(signer.algorithm)), "another key");
        refuses(&format!("{message}.AAAA"), "no such signature");
        refuses(&format!("{message}."), "an empty signature");
        // As long as a good one; (0, 0) is what a careless ECDSA takes.
        let zeros = base64_simd::URL_SAFE_NO_PAD
            .decode_to_vec(signature)
            .unwrap();
        let zeros = base64_simd::URL_SAFE_NO_PAD.encode_to_string(vec![0; zeros.len()]);
        refuses(&format!("{message}.{zeros}"), "zeros");
        // The header or the claims of one token, and the signature of another.
        let other = kind.with(signer, "more", json!(1));
        let [header, claims] = header_and_claims(&good);
        let [_, of_other] = header_and_claims(&other);
        refuses(&format!("{header}.{of_other}.{signature}"), "other claims");
        let plain = signer.sign(&json!({"typ": kind.typ, "more": 1}), &(kind.claims)());
        let [of_other, _] = header_and_claims(&plain);
        refuses(
            &format!("{of_other}.{claims}.{signature}"),
            "another header",
        );
        // Another algorithm's name, with this one's key.
        for name in ALGORITHMS.map(|it| format!("{it:?}")) {
            if name != signer.name() {
                let renamed = signer.sign(&json!({"typ": kind.typ, "alg": name}), &(kind.claims)());
                refuses(&renamed, &name);
                let both = json!({"typ": kind.typ, "alg": name, "kid": name});
                refuses(&signer.sign(&both, &(kind.claims)()), &name);
            }
        }
    });
}

#[test]
fn what_is_not_signed_by_a_private_key_passes_by_none() {
    each(|kind, signer, keys| {
        let [_, claims] = header_and_claims(&kind.good(signer)).map(str::to_owned);
        let part = |value: &Value| base64_simd::URL_SAFE_NO_PAD.encode_to_string(value.to_string());
        for none in ["none", "None", "NONE", ""] {
            let header = part(&json!({"alg": none, "kid": signer.name(), "typ": kind.typ}));
            for signature in ["", "AAAA"] {
                let token = format!("{header}.{claims}.{signature}");
                assert!((kind.check)(&token, keys, &ALGORITHMS).is_err(), "{none}");
            }
        }
        // The public key as the secret of an HMAC, in each form in which somebody may have it.
        let jwk = signer.jwk();
        let number = |name: &str| {
            let text = jwk[name].as_str().unwrap_or_default();
            base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).unwrap()
        };
        let secrets = [
            jwk.to_string().into_bytes(),
            number("n"),
            number("x"),
            [&[4][..], &number("x"), &number("y")].concat(),
        ];
        for secret in secrets {
            for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                let header = Header {
                    kid: Some(signer.name()),
                    typ: Some(kind.typ.to_owned()),
                    ..Header::new(algorithm)
                };
                let key = EncodingKey::from_secret(&secret);
                let token = encode(&header, &(kind.claims)(), &key).unwrap();
                let told = format!("{}: {algorithm:?} by {}", kind.name, signer.name());
                assert!((kind.check)(&token, keys, &ALGORITHMS).is_err(), "{told}");
            }
        }
    });
}

#[test]
fn a_key_for_something_else_verifies_by_none() {
    let signers = signers();
    for kind in &KINDS {
        for signer in &signers {
            let token = kind.good(signer);
            let verifies = |change: &Value| {
                let mut key = signer.jwk();
                let members = key.as_object_mut().unwrap();
                members.extend(change.as_object().unwrap().clone());
                (kind.check)(&token, &set(&[key]), &ALGORITHMS).is_ok()
            };
            let told = format!("{}: {}", kind.name, signer.name());
            let itself = json!({"use": "sig", "alg": signer.name(), "key_ops": ["verify"]});
            assert!(verifies(&itself), "{told}");
            for other in [
                json!({"use": "enc"}),
                json!({"use": "enc", "alg": signer.name()}),
                json!({"key_ops": ["sign"]}),
                json!({"key_ops": ["encrypt", "wrapKey"]}),
                json!({"alg": "RSA-OAEP"}),
                json!({"alg": "ECDH-ES"}),
                json!({"alg": "HS256"}),
                json!({"alg": "none"}),
            ] {
                assert!(!verifies(&other), "{told}: {other}");
            }
            for other in &signers {
                let is_it = other.algorithm == signer.algorithm;
                let named = json!({"alg": other.name()});
                assert_eq!(verifies(&named), is_it, "{told}: {named}");
            }
        }
    }
}

#[test]
fn a_key_of_another_type_or_curve_verifies_by_none() {
    let signers = signers();
    for kind in &KINDS {
        for signer in &signers {
            for other in &signers {
                // RSA's keys are one pair, which the algorithms share.
                let (own, its) = (signer.jwk(), other.jwk());
                let is_same = [own["kty"].clone(), own["crv"].clone()]
                    == [its["kty"].clone(), its["crv"].clone()];
                let mut key = its;
                key["kid"] = json!(signer.name());
                let read = (kind.check)(&kind.good(signer), &set(&[key]), &ALGORITHMS);
                let told = format!("{}: {} by {}", kind.name, signer.name(), other.name());
                assert_eq!(read.is_ok(), is_same, "{told}");
            }
        }
    }
}

#[test]
fn what_is_for_others_or_has_ended_passes_by_none() {
    each(|kind, signer, keys| {
        let told = format!("{}: {}", kind.name, signer.name());
        let refuses = |claim: &str, value: Value| {
            let token = kind.with(signer, claim, value.clone());
            let read = (kind.check)(&token, keys, &ALGORITHMS);
            assert!(read.is_err(), "{told}: {claim} {value}");
        };
        for aud in [
            json!("other"),
            json!(["other", "https://id.example"]),
            json!([]),
        ] {
            refuses("aud", aud);
        }
        for iss in [
            "https://evil.example",
            "https://id.example/",
            "https://ID.example",
        ] {
            refuses("iss", json!(iss));
        }
        match kind.is_beside {
            true => refuses("sub", json!("u2")),
            false => {
                refuses("aud", json!(null));
                refuses("exp", json!(NOW - 61));
                refuses("iat", json!(NOW + 61));
            }
        }
    });
}
