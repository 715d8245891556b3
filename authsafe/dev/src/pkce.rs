//! PKCE with S256, the only method there is here. RFC 7636.

use aws_lc_rs::digest::{SHA256, digest};

/// §4.2: 43 characters of base64url, a SHA-256.
pub(super) fn is_challenge(challenge: &str) -> bool {
    challenge.len() == 43
        && challenge
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// §4.1: 43 to 128 unreserved characters.
pub(super) fn is_verifier(verifier: &str) -> bool {
    (43..=128).contains(&verifier.len())
        && verifier
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

/// §4.6: does this verifier belong to this challenge?
pub(super) fn verifies(verifier: &str, challenge: &str) -> bool {
    is_verifier(verifier) && s256(verifier) == challenge
}

pub(super) fn s256(verifier: &str) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn rfc_7636_appendix_b() {
        assert!(is_challenge(CHALLENGE));
        assert!(verifies(VERIFIER, CHALLENGE));
    }

    #[test]
    fn anything_else_is_refused() {
        assert!(!verifies(CHALLENGE, CHALLENGE));
        assert!(!verifies("short", &s256("short")));
        let long = "a".repeat(129);
        assert!(!verifies(&long, &s256(&long)));
        assert!(!is_challenge(
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="
        ));
    }
}
