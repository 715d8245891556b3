//! Keys and tokens for the protocol's tests.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64_simd::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::claim_paths::ClaimPaths;
use super::client::ClientRegistration;
use super::client_auth::ClientAuth;
use super::discovery::Overrides;
use super::transaction::Transaction;
use crate::clock::{FineTime, UnixSeconds};
use crate::types::{
    CodeVerifier, Http, Issuer, Nonce, ReturnTo, Scopes, State, Subjects, Tenants, TokenIssuer,
};

pub(crate) struct TestKeys {
    pair: RsaKeyPair,
    pub(crate) public: JwkSet,
}

pub(crate) static KEYS: LazyLock<TestKeys> = LazyLock::new(|| {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    let key = json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k1",
        "n": BASE64.encode_to_string(&public.n), "e": BASE64.encode_to_string(&public.e),
    });
    let public = serde_json::from_value(json!({ "keys": [key] })).unwrap();
    TestKeys { pair, public }
});

pub(crate) fn sign(claims: &Value) -> String {
    sign_with(&json!({"alg": "RS256", "kid": "k1"}), claims)
}

pub(crate) fn sign_with(header: &Value, claims: &Value) -> String {
    sign_parts(&part(header), &part(claims))
}

/// Claims as they are written, which may be no JSON object of ours.
pub(crate) fn sign_text(claims: &str) -> String {
    let header = part(&json!({"alg": "RS256", "kid": "k1"}));
    sign_parts(&header, &BASE64.encode_to_string(claims))
}

fn sign_parts(header: &str, claims: &str) -> String {
    let message = format!("{header}.{claims}");
    let mut signature = vec![0; KEYS.pair.public_modulus_len()];
    KEYS.pair
        .sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        )
        .unwrap();
    format!("{message}.{}", BASE64.encode_to_string(signature))
}

/// A key that signs by one of the accepted algorithms.
pub(crate) struct Signer {
    pub(crate) algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(&'static RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Signer {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        Self::of(algorithm, &KEYS.pair)
    }

    /// Another key for the same algorithm.
    pub(crate) fn other(algorithm: Algorithm) -> Self {
        static OTHER: LazyLock<RsaKeyPair> =
            LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
        Self::of(algorithm, &OTHER)
    }

    fn of(algorithm: Algorithm, rsa: &'static RsaKeyPair) -> Self {
        let ec = |kind| Pair::Ec(EcdsaKeyPair::generate(kind).unwrap());
        let pair = match algorithm {
            Algorithm::RS256 => Pair::Rsa(rsa, &RSA_PKCS1_SHA256),
            Algorithm::RS384 => Pair::Rsa(rsa, &RSA_PKCS1_SHA384),
            Algorithm::RS512 => Pair::Rsa(rsa, &RSA_PKCS1_SHA512),
            Algorithm::PS256 => Pair::Rsa(rsa, &RSA_PSS_SHA256),
            Algorithm::PS384 => Pair::Rsa(rsa, &RSA_PSS_SHA384),
            Algorithm::PS512 => Pair::Rsa(rsa, &RSA_PSS_SHA512),
            Algorithm::ES256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::ES384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::EdDSA => Pair::Ed(Ed25519KeyPair::generate().unwrap()),
            other => panic!("{other:?}"),
        };
        Self { algorithm, pair }
    }

    pub(crate) fn name(&self) -> String {
        format!("{:?}", self.algorithm)
    }

    /// The public key, called after the algorithm.
    pub(crate) fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| BASE64.encode_to_string(bytes);
        let mut key = match &self.pair {
            Pair::Rsa(pair, _) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "n": text(&public.n), "e": text(&public.e)})
            }
            Pair::Ec(pair) => {
                // SEC 1 §2.3.3: `04`, then x and y.
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let crv = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": crv, "x": text(x), "y": text(y)})
            }
            Pair::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref())})
            }
        };
        key["kid"] = json!(self.name());
        key
    }

    /// A token whose header says what its key is, and this besides.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let mut whole = json!({"alg": self.name(), "kid": self.name()});
        let members = header.as_object().unwrap().clone();
        whole.as_object_mut().unwrap().extend(members);
        let message = format!("{}.{}", part(&whole), part(claims));
        let bytes = message.as_bytes();
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &random, bytes, &mut signature).unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, bytes).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(bytes).as_ref().to_vec(),
        };
        format!("{message}.{}", BASE64.encode_to_string(signature))
    }
}

/// The attack in which the public key serves as an HMAC secret.
pub(crate) fn hmac_with_public_key(claims: &Value) -> String {
    let key = serde_json::to_vec(&KEYS.public.keys[0]).unwrap();
    let header = Header {
        kid: Some("k1".to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    encode(&header, claims, &EncodingKey::from_secret(&key)).unwrap()
}

pub(crate) fn unsigned(claims: &Value) -> String {
    format!(
        "{}.{}.",
        part(&json!({"alg": "none", "kid": "k1"})),
        part(claims)
    )
}

fn part(value: &Value) -> String {
    BASE64.encode_to_string(value.to_string())
}

/// A client with a secret, whose app is at `https://app.example`.
pub(crate) fn client(id: &str, issuer: &str) -> ClientRegistration {
    let issuer = Issuer::parse(issuer).unwrap();
    ClientRegistration {
        id: id.to_owned(),
        secret: Some(SecretString::from(format!("secret of {id}"))),
        client_auth: ClientAuth::Auto,
        redirect_uri: "https://app.example/api/auth/callback".to_owned(),
        scopes: Scopes::parse("openid"),
        domain: issuer.clone(),
        issuer,
        named_issuer: None,
        tenants: Tenants::One,
        http: Http::OnLoopback,
        leeway: super::claims::LEEWAY,
        subjects: Subjects::AuthSafe,
        endpoints: Overrides::default(),
        algorithms: None,
        claims: ClaimPaths::DEFAULT,
        has_fixed_paths: false,
    }
}

/// The issuer of tokens at a provider.
pub(crate) fn issuer(named: &str) -> TokenIssuer {
    TokenIssuer::Named(named.to_owned())
}

pub(crate) fn transaction(return_to: Option<ReturnTo>, now: UnixSeconds) -> Transaction {
    let [state, nonce, verifier] = ["s", "n", "v"].map(|text| text.repeat(43));
    let (state, nonce) = (State::read(state), Nonce::read(nonce));
    let (seconds, nanos) = (now, 123_456_789);
    let now = FineTime { seconds, nanos };
    Transaction::start(state, nonce, CodeVerifier::read(verifier), return_to, now)
}
