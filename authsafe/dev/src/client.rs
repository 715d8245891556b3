//! Who may ask for sign-in: a relying party.

use std::net::IpAddr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: Option<SecretString>,
    /// It may come without its secret too, as a public client.
    pub(super) may_be_public: bool,
    /// None registered: any loopback URI.
    pub(super) redirect_uris: Vec<String>,
}

impl Client {
    /// RFC 6749 §3.1.2.3: a registered URI is compared as a string.
    pub(super) fn allows_redirect(&self, uri: &str) -> bool {
        if self.redirect_uris.is_empty() {
            is_loopback_url(uri)
        } else {
            self.redirect_uris.iter().any(|known| known == uri)
        }
    }

    /// After logout, any page on the origin of a redirect URI.
    pub(super) fn allows_post_logout(&self, uri: &str) -> bool {
        if self.redirect_uris.is_empty() {
            return is_loopback_url(uri);
        }
        let Ok(uri) = Url::parse(uri) else {
            return false;
        };
        self.redirect_uris
            .iter()
            .filter_map(|known| Url::parse(known).ok())
            .any(|known| known.origin() == uri.origin())
    }

    /// A public client has no secret and must not send one.
    pub(super) fn authenticates(&self, secret: Option<&str>) -> bool {
        match (&self.secret, secret) {
            (None, None) => true,
            (Some(_), None) => self.may_be_public,
            (Some(expected), Some(given)) => {
                verify_slices_are_equal(expected.expose_secret().as_bytes(), given.as_bytes())
                    .is_ok()
            }
            _ => false,
        }
    }
}

fn is_loopback_url(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    let plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    };
    plain && loopback
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(redirect_uris: &[&str]) -> Client {
        Client {
            id: "app".to_owned(),
            secret: None,
            may_be_public: false,
            redirect_uris: redirect_uris.iter().map(|&uri| uri.to_owned()).collect(),
        }
    }

    #[test]
    fn without_registration_only_loopback_uris_pass() {
        let app = client(&[]);
        for good in [
            "http://localhost:3000/api/auth/callback",
            "https://127.0.0.1/cb?x=1",
            "http://[::1]:8080/",
        ] {
            assert!(app.allows_redirect(good), "{good}");
        }
        for bad in [
            "http://example.com/cb",
            "http://localhost.example.com/cb",
            "http://localhost@example.com/cb",
            "http://user@localhost/cb",
            "http://localhost/cb#fragment",
            "javascript:alert(1)",
            "/api/auth/callback",
        ] {
            assert!(!app.allows_redirect(bad), "{bad}");
        }
    }

    #[test]
    fn a_registered_uri_is_compared_whole() {
        let app = client(&["https://shop.example/cb"]);
        assert!(app.allows_redirect("https://shop.example/cb"));
        assert!(!app.allows_redirect("https://shop.example/cb/"));
        assert!(!app.allows_redirect("http://localhost/cb"));
        assert!(app.allows_post_logout("https://shop.example/bye"));
        assert!(!app.allows_post_logout("https://evil.example/bye"));
    }

    #[test]
    fn a_secret_is_needed_exactly_where_there_is_one() {
        let public = client(&[]);
        assert!(public.authenticates(None));
        assert!(!public.authenticates(Some("x")));
        let confidential = Client {
            secret: Some("s3cret".to_owned().into()),
            ..client(&[])
        };
        assert!(confidential.authenticates(Some("s3cret")));
        assert!(!confidential.authenticates(Some("s3creT")));
        assert!(!confidential.authenticates(None));
        let either = Client {
            may_be_public: true,
            ..confidential
        };
        assert!(either.authenticates(None) && either.authenticates(Some("s3cret")));
        assert!(!either.authenticates(Some("s3creT")));
    }
}
