//! URLs and names of hosts, as the settings say them.

use authsafe_rules::text;
use url::Url;

use super::reason::Reason;

/// The origin at which browsers reach the app: `https://shop.example`, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppUrl(Url);

impl AppUrl {
    /// Parses an app URL; a trailing `/` does not matter.
    ///
    /// # Errors
    ///
    /// What is not a URL, not https (http only on localhost, a name below it, the loopback and private
    /// addresses), has user info, a path, a query or a fragment.
    pub(crate) fn parse(text: &str) -> Result<Self, text::Reason> {
        text::app_url(text)?;
        Url::parse(text).map(Self).map_err(|_| text::Reason::NoUrl)
    }

    /// Returns `https://shop.example:8443`: what browsers send as `Origin` (RFC 6454 §6.2).
    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Returns the host alone.
    pub(crate) fn host(&self) -> Option<&str> {
        self.0.host_str()
    }

    /// Returns the port that is written, where the host is the loopback or a name below `localhost`.
    pub(crate) fn loopback_port(&self) -> Option<u16> {
        let is_loopback = match self.0.host()? {
            url::Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        };
        self.0.port().filter(|_| is_loopback)
    }

    /// Returns whether it is https. Cookies are `Secure` then.
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Returns the absolute URL of a local path.
    pub(crate) fn join(&self, path: &str) -> String {
        self.origin() + path
    }
}

/// Reads an origin, and returns it as browsers send it (RFC 6454 §6.2).
///
/// # Errors
///
/// As [`AppUrl::parse`], and what has a path.
pub(crate) fn origin(text: &str) -> Result<String, text::Reason> {
    text::origin(text)?;
    let url = Url::parse(text).map_err(|_| text::Reason::NoUrl)?;
    Ok(url.origin().ascii_serialization())
}

/// The provider's issuer identifier (OpenID Connect Discovery §3), compared as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issuer(String);

impl Issuer {
    /// Parses an issuer that is http on the loopback alone.
    #[cfg(test)]
    pub(crate) fn parse(text: &str) -> Result<Self, Reason> {
        Self::parse_over(text, Http::OnLoopback)
    }

    /// Parses an issuer, or a bare host, which means https.
    ///
    /// # Errors
    ///
    /// What is not a URL, not https (http where `http` says), has user info, a query or a fragment.
    pub(crate) fn parse_over(text: &str, http: Http) -> Result<Self, Reason> {
        match http {
            Http::OnLoopback => text::domain(text)?,
            Http::Anywhere => text::domain_or_http(text)?,
        }
        let text = text.trim_end_matches('/');
        let issuer = match text.contains("://") {
            true => text.to_owned(),
            false => format!("https://{text}"),
        };
        url_over(&issuer, http)?;
        Ok(Self(issuer))
    }

    /// Returns it as it is written, without a trailing `/`.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it is https.
    pub(crate) fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Returns whether it is on a host of AuthSafe's own, `authsafe.in` or one below it.
    pub(crate) fn is_authsafes_own(&self) -> bool {
        let host = Url::parse(&self.0).ok();
        let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
        self.is_https() && (host == "authsafe.in" || host.ends_with(".authsafe.in"))
    }

    /// Returns whether this `iss` is the same, byte by byte; a trailing `/` does not matter.
    pub(crate) fn is(&self, iss: &str) -> bool {
        iss.strip_suffix('/').unwrap_or(iss) == self.0
    }
}

/// Where the provider may be on plain http.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Http {
    /// On this machine (RFC 8252 §8.3).
    OnLoopback,
    /// On any host, for an app that is itself on this machine or in a private network.
    Anywhere,
}

/// Parses the URL of a provider.
///
/// # Errors
///
/// What is not a URL, not https (http only on loopback: RFC 8252 §8.3), has user info, a query
/// or a fragment.
pub(crate) fn web_url(text: &str) -> Result<Url, Reason> {
    url_over(text, Http::OnLoopback)
}

/// Does what [`web_url`] does, with this word on plain http.
pub(crate) fn url_over(text: &str, http: Http) -> Result<Url, Reason> {
    match http {
        Http::OnLoopback => text::endpoint_url(text)?,
        Http::Anywhere => text::endpoint_url_or_http(text)?,
    }
    Url::parse(text).map_err(|_| Reason::from(text::Reason::NoUrl))
}

/// Parses the audience of access tokens (`aud`, RFC 7519 §4.1.3): one name, or one URI.
pub(crate) fn audience(text: &str) -> Result<String, text::Reason> {
    text::audience(text)?;
    Ok(text.to_owned())
}

/// Parses a cookie's `Domain` (RFC 6265 §4.1.2.3): a host name, nothing more.
pub(crate) fn cookie_domain(text: &str) -> Result<String, text::Reason> {
    text::cookie_domain(text)?;
    let host = text.strip_prefix('.').unwrap_or(text);
    Ok(host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_url_is_an_https_origin_or_loopback() {
        for good in [
            "https://a.example",
            "https://a.example/",
            "http://localhost:3000",
            "http://127.0.0.1:1",
            "http://[::1]:80",
            "http://app.localhost:3000",
            "http://192.168.0.5:3000",
        ] {
            assert!(AppUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "http://a.example",
            "https://a.example/x",
            "https://a.example?x",
            "https://a.example#x",
            "https://u@a.example",
            "https://u:p@a.example",
            "ftp://a.example",
            "http://localhost.evil.example",
        ] {
            assert!(AppUrl::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_issuer_may_be_a_bare_host_and_keeps_its_path() {
        assert_eq!(
            Issuer::parse("id.example").unwrap().as_str(),
            "https://id.example"
        );
        let issuer = Issuer::parse("https://id.example/tenant/").unwrap();
        assert!(issuer.is("https://id.example/tenant") && issuer.is("https://id.example/tenant/"));
        assert!(!issuer.is("https://id.example") && !issuer.is("https://id.example/tenant//"));
    }

    /// The rules read URLs without the parser that the constructors ask besides.
    #[test]
    fn what_the_rules_take_for_a_url_is_one() {
        let table = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/verdicts/urls.txt");
        let table = std::fs::read_to_string(table).unwrap();
        let mut seen = 0;
        for line in table.lines() {
            let (rule, rest) = line.split_once(" | ").unwrap();
            let (input, expected) = rest.rsplit_once(" | ").unwrap();
            let input: String = serde_json::from_str(input).unwrap();
            let is_good = match rule {
                "app_url" => AppUrl::parse(&input).is_ok(),
                "origin" => origin(&input).is_ok(),
                "domain" => Issuer::parse(&input).is_ok(),
                "endpoint_url" => web_url(&input).is_ok(),
                "endpoint_url_or_http" => url_over(&input, Http::Anywhere).is_ok(),
                _ => continue,
            };
            assert_eq!(is_good, expected == "ok", "{line}");
            seen += 1;
        }
        assert!(seen > 40, "only {seen} lines");
    }

    #[test]
    fn authsafes_own_issuers_are_those_on_its_hosts() {
        for own in [
            "identities.authsafe.in",
            "https://identities.authsafe.in/",
            "https://IDENTITIES.AuthSafe.in",
            "https://authsafe.in",
        ] {
            assert!(Issuer::parse(own).unwrap().is_authsafes_own(), "{own}");
        }
        for other in [
            "https://authsafe.in.evil.example",
            "https://notauthsafe.in",
            "https://id.example/identities.authsafe.in",
            "https://id.example/.authsafe.in",
            "http://localhost",
        ] {
            assert!(!Issuer::parse(other).unwrap().is_authsafes_own(), "{other}");
        }
    }

    #[test]
    fn a_cookie_domain_is_a_host_name() {
        assert_eq!(cookie_domain(".example.com").unwrap(), "example.com");
        for bad in [
            "",
            "localhost",
            "example.com:80",
            "https://example.com",
            "127.0.0.1",
            "a b.c",
            "example.com/x",
        ] {
            assert!(cookie_domain(bad).is_err(), "{bad}");
        }
    }
}
