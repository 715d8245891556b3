//! Which origins are safe for what.

use crate::mended::mended;
use crate::text;
use crate::wrong::Wrong;

/// Returns whether an origin is https.
#[must_use]
pub fn is_https(origin: &str) -> bool {
    let scheme = origin.get(.."https://".len());
    scheme.is_some_and(|it| it.eq_ignore_ascii_case("https://"))
}

/// Returns whether browsers keep a `Secure` cookie from this origin. They take the loopback for a secure place
/// (Secure Contexts §3.1): Chromium and Firefox keep cookies so, also with a prefix, and Safari does not.
#[must_use]
pub fn keeps_secure(origin: &str) -> bool {
    is_https(origin) || text::host(origin).is_some_and(text::is_here)
}

/// Returns whether two origins are one, however they are written (RFC 6454 §4).
#[must_use]
pub fn are_one(one: &str, other: &str) -> bool {
    let read = |origin: &str| {
        let origin = origin.trim_end_matches('/').to_ascii_lowercase();
        let port = match is_https(&origin) {
            true => ":443",
            false => ":80",
        };
        let bare = origin.strip_suffix(port).map(str::to_owned);
        bare.unwrap_or(origin)
    };
    read(one) == read(other)
}

/// Returns what is wrong with an origin whose pages may ask as the app's own may. What travels to an http page, or
/// comes from one, can be another's: an https app takes none but those of its own machine.
#[must_use]
pub fn wrong_beside(origin: &str, app_url: &str) -> Option<Wrong> {
    if !is_https(app_url) || text::endpoint_url(origin.trim_end_matches('/')).is_ok() {
        return None;
    }
    let because = "it is http and `app_url` is https: whoever is between may write its pages";
    let https = mended(origin, &text::Reason::Http).unwrap_or_default();
    Some(Wrong::new(origin, because, format!("write {https:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_however_it_is_written() {
        for (one, other, is_one) in [
            ("https://a.example", "HTTPS://A.example:443/", true),
            ("http://localhost", "http://localhost:80", true),
            ("https://a.example:80", "https://a.example", false),
            ("https://a.example", "http://a.example", false),
            ("https://a.example:8443", "https://a.example", false),
        ] {
            assert_eq!(are_one(one, other), is_one, "{one} {other}");
        }
    }

    #[test]
    fn an_app_on_https_takes_no_pages_from_http() {
        let (https, http) = ("https://app.example", "http://localhost:3000");
        for (origin, app_url, is_good) in [
            ("https://a.example", https, true),
            ("http://localhost:5173", https, true),
            ("http://192.168.0.5", https, false),
            ("http://a.localhost/", https, false),
            ("http://192.168.0.5", http, true),
        ] {
            assert_eq!(wrong_beside(origin, app_url).is_none(), is_good, "{origin}");
        }
        let told = wrong_beside("http://10.0.0.1/", https).map(|it| it.instead);
        assert_eq!(told.as_deref(), Some("write \"https://10.0.0.1/\""));
    }
}
