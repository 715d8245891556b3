//! Keys and tokens for the protocol's tests.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
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
use crate::clock::UnixSeconds;
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
    Transaction::start(state, nonce, CodeVerifier::read(verifier), return_to, now)
}
