//! The bearer token of a request (RFC 6750 §2.1). One in a form or a query (§2.2, §2.3) is none:
//! forms are other sites' to send, and queries end in logs.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

/// The longest token that is read, in bytes; no server takes headers much longer.
const MAX_LEN: usize = 16 * 1024;

/// The bearer credentials of a request, by which alone it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials<'a> {
    Token(&'a str),
    /// Two `Authorization` headers, or one that is not `Bearer` and one token after it.
    Malformed,
}

/// Returns the bearer credentials of a request. `None`: it has none, or credentials of another scheme,
/// which are for somebody else to read.
pub(crate) fn credentials(headers: &HeaderMap) -> Option<Credentials<'_>> {
    credentials_in(
        headers
            .get_all(AUTHORIZATION)
            .iter()
            .map(HeaderValue::as_bytes),
    )
}

/// Does what [`credentials`] does, in these `Authorization` headers.
pub(crate) fn credentials_in<'a>(
    mut all: impl Iterator<Item = &'a [u8]>,
) -> Option<Credentials<'a>> {
    let header = all.next()?;
    // RFC 9110 §11.6.2: there is one. Of two, the one that counts here might not be the one that
    // counted for whoever stands in front.
    if all.next().is_some() {
        return Some(Credentials::Malformed);
    }
    let end = header.iter().position(|byte| !is_tchar(*byte));
    let (scheme, rest) = header.split_at(end.unwrap_or(header.len()));
    // RFC 9110 §11.1: the scheme's case does not matter.
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return None;
    }
    Some(token(rest).map_or(Credentials::Malformed, Credentials::Token))
}

/// Returns the token of `1*SP b64token`.
fn token(rest: &[u8]) -> Option<&str> {
    let text = core::str::from_utf8(rest).ok()?.strip_prefix(' ')?;
    let token = text.trim_start_matches(' ');
    let letters = token.trim_end_matches('=');
    let is_letter = |byte: u8| {
        byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
    };
    // To the end, without a branch: compilers make several bytes at once of that.
    let has_letters = || {
        letters
            .bytes()
            .fold(true, |all, byte| all & is_letter(byte))
    };
    let is_token = !letters.is_empty() && token.len() <= MAX_LEN && has_letters();
    is_token.then_some(token)
}

/// Returns whether a scheme may hold this byte (`tchar`, RFC 9110 §5.6.2).
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<String> {
        let headers: HeaderMap = values
            .iter()
            .map(|value| {
                (
                    AUTHORIZATION,
                    HeaderValue::from_bytes(value.as_bytes()).unwrap(),
                )
            })
            .fold(HeaderMap::new(), |mut all, (name, value)| {
                all.append(name, value);
                all
            });
        credentials(&headers).map(|credentials| match credentials {
            Credentials::Token(token) => token.to_owned(),
            Credentials::Malformed => "malformed".to_owned(),
        })
    }

    #[test]
    fn a_bearer_token_is_read_whatever_the_case_of_its_scheme() {
        for header in [
            "Bearer a.B-_~+/9==",
            "bearer a.B-_~+/9==",
            "BEARER   a.B-_~+/9==",
        ] {
            assert_eq!(read(&[header]).as_deref(), Some("a.B-_~+/9=="), "{header}");
        }
    }

    #[test]
    fn other_schemes_are_not_ours() {
        assert_eq!(read(&[]), None);
        for header in [
            "",
            "Basic dTpw",
            "DPoP abc",
            "Bearerabc",
            "Bearer2 abc",
            "a Bearer b",
        ] {
            assert_eq!(read(&[header]), None, "{header}");
        }
    }

    #[test]
    fn what_is_not_one_token_is_malformed() {
        for header in [
            "Bearer",
            "Bearer ",
            "Bearer\tabc",
            "Bearer, abc",
            "Bearer a b",
            "Bearer a, Bearer b",
            "Bearer a,b",
            "Bearer \"abc\"",
            "Bearer ==",
            "Bearer a=b",
            "Bearer abc ",
            "Bearer token=abc",
            "Bearer ä",
            "Bearer \u{ff}",
        ] {
            assert_eq!(read(&[header]).as_deref(), Some("malformed"), "{header}");
        }
        let long = format!("Bearer {}", "a".repeat(MAX_LEN + 1));
        assert_eq!(read(&[&long]).as_deref(), Some("malformed"));
    }

    #[test]
    fn two_headers_are_malformed_whatever_they_say() {
        for two in [
            ["Bearer a", "Bearer a"],
            ["Basic a", "Bearer b"],
            ["Bearer a", "Basic b"],
        ] {
            assert_eq!(read(&two).as_deref(), Some("malformed"), "{two:?}");
        }
    }

    #[test]
    fn a_token_of_sixteen_kilobytes_is_read_and_none_that_is_longer() {
        let is_read = |length| token(format!(" {}", "a".repeat(length)).as_bytes()).is_some();
        assert!(is_read(16_384));
        assert!(!is_read(16_385));
    }
}
