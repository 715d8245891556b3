//! The signing keys, made at start.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use aws_lc_rs::{digest, rand};
use base64_simd::URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value, json};

use super::error::DevError;

/// All keys, the one that signs last.
pub(super) struct Keys(Vec<Key>);

struct Key {
    kid: String,
    pair: RsaKeyPair,
    jwk: Jwk,
}

impl Keys {
    /// Takes some tenths of a second.
    pub(super) fn generate() -> Result<Self, DevError> {
        Ok(Self(vec![Key::generate()?]))
    }

    /// The key of a start before.
    pub(super) fn read(pkcs8: &[u8]) -> Result<Self, DevError> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| DevError::Key)?;
        Ok(Self(vec![Key::of(pair)?]))
    }

    /// The key that signs, as PKCS #8.
    pub(super) fn pkcs8(&self) -> Result<Vec<u8>, DevError> {
        let key = self.0.last().ok_or(DevError::Key)?;
        let der: Pkcs8V1Der<'_> = key.pair.as_der().map_err(|_| DevError::Key)?;
        Ok(der.as_ref().to_vec())
    }

    /// A new key signs from now on; the old ones stay published.
    pub(super) fn rotate(&mut self) -> Result<(), DevError> {
        self.0.push(Key::generate()?);
        Ok(())
    }

    /// Publishes only the key that signs.
    pub(super) fn retire_old(&mut self) {
        let old = self.0.len().saturating_sub(1);
        self.0.drain(..old);
    }

    pub(super) fn jwks(&self) -> JwkSet {
        JwkSet {
            keys: self.0.iter().map(|key| key.jwk.clone()).collect(),
        }
    }

    /// The header of a token of type `typ`, before anybody tampers with it.
    pub(super) fn header(&self, typ: &str) -> Map<String, Value> {
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!("RS256"));
        header.insert("typ".to_owned(), json!(typ));
        if let Some(key) = self.0.last() {
            header.insert("kid".to_owned(), json!(key.kid));
        }
        header
    }

    /// The JWS compact serialization of RFC 7515 §7.1.
    pub(super) fn sign(
        &self,
        header: Map<String, Value>,
        claims: Map<String, Value>,
    ) -> Result<String, DevError> {
        let pair = &self.0.last().ok_or(DevError::Key)?.pair;
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            &RSA_PKCS1_SHA256,
            &rand::SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        )
        .map_err(|_| DevError::Key)?;
        Ok(format!(
            "{message}.{}",
            BASE64URL.encode_to_string(signature)
        ))
    }

    /// The claims of a token that one of these keys signed, whenever that was.
    pub(super) fn open(&self, token: &str) -> Option<Map<String, Value>> {
        let (message, signature) = token.rsplit_once('.')?;
        let (_, claims) = message.split_once('.')?;
        let signature = BASE64URL.decode_to_vec(signature).ok()?;
        self.0.iter().find(|key| {
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.pair.public_key())
                .verify(message.as_bytes(), &signature)
                .is_ok()
        })?;
        serde_json::from_slice(&BASE64URL.decode_to_vec(claims).ok()?).ok()
    }
}

impl Key {
    fn generate() -> Result<Self, DevError> {
        Self::of(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| DevError::Key)?)
    }

    fn of(pair: RsaKeyPair) -> Result<Self, DevError> {
        let public = DecodingKey::from_rsa_der(pair.public_key().as_ref());
        let mut jwk =
            Jwk::from_decoding_key(&public, Some(Algorithm::RS256)).map_err(|_| DevError::Key)?;
        let kid = hex(&digest::digest(&digest::SHA256, pair.public_key().as_ref()).as_ref()[..8]);
        jwk.common.key_id = Some(kid.clone());
        jwk.common.key_algorithm = Some(KeyAlgorithm::RS256);
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { kid, pair, jwk })
    }
}

fn part(object: Map<String, Value>) -> String {
    BASE64URL.encode_to_string(Value::Object(object).to_string())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Validation, decode};

    use super::*;

    fn claims() -> Map<String, Value> {
        Map::from_iter([("sub".to_owned(), json!("authsafe|alice"))])
    }

    #[test]
    fn jsonwebtoken_accepts_what_we_sign_by_what_we_publish() {
        let keys = Keys::generate().unwrap();
        let token = keys.sign(keys.header("JWT"), claims()).unwrap();
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let jwks = keys.jwks();
        let key = DecodingKey::from_jwk(jwks.find(&kid).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims.clear();
        let decoded = decode::<Map<String, Value>>(&token, &key, &validation).unwrap();
        assert_eq!(decoded.claims, claims());
    }

    #[test]
    fn an_old_key_is_published_until_it_is_retired() {
        let mut keys = Keys::generate().unwrap();
        let old = keys.sign(keys.header("JWT"), claims()).unwrap();
        keys.rotate().unwrap();
        assert_eq!(keys.jwks().keys.len(), 2);
        assert_eq!(keys.open(&old), Some(claims()));
        keys.retire_old();
        assert_eq!(keys.jwks().keys.len(), 1);
        assert_eq!(keys.open(&old), None);
    }

    #[test]
    fn a_changed_token_does_not_open() {
        let keys = Keys::generate().unwrap();
        let token = keys.sign(keys.header("JWT"), claims()).unwrap();
        assert!(keys.open(&token).is_some());
        let (header, _) = token.split_once('.').unwrap();
        let (_, signature) = token.rsplit_once('.').unwrap();
        let other = BASE64URL.encode_to_string(r#"{"sub":"authsafe|mallory"}"#);
        assert!(
            keys.open(&format!("{header}.{other}.{signature}"))
                .is_none()
        );
    }
}
