//! Which cookies browsers keep, and send back.

use crate::origin::{is_https, keeps_secure};
use crate::text;
use crate::wrong::Wrong;

/// The facts that are known of an app's cookies: all of it at the start, a part of it while compiling.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The name that is written.
    pub name: Option<&'a str>,
    /// `SameSite=None` is written.
    pub same_site_none: bool,
    /// The value that is written.
    pub secure: Option<bool>,
    /// A domain is written.
    pub has_domain: bool,
    /// The domain, where it is known.
    pub domain: Option<&'a str>,
    /// The path that is written.
    pub path: Option<&'a str>,
    /// The app's origin, where it is known.
    pub app_url: Option<&'a str>,
    /// Each endpoint that browsers call, with its path.
    pub endpoints: &'a [(&'a str, &'a str)],
    /// The patterns of `protect(...)`.
    pub protect: &'a [&'a str],
}

impl Facts<'_> {
    /// Returns what is wrong with each key of `cookies(...)`.
    #[must_use]
    pub fn wrong(&self) -> Vec<(&'static str, Wrong)> {
        let keys = [
            ("name", self.wrong_name()),
            ("same_site", self.wrong_same_site()),
            ("secure", self.wrong_secure()),
            ("domain", self.wrong_domain()),
            ("path", self.wrong_path()),
        ];
        let wrong = keys.into_iter().filter_map(|(key, it)| Some((key, it?)));
        wrong.collect()
    }

    /// Whether cookies are `Secure`, where that is known.
    fn is_secure(&self) -> Option<bool> {
        self.secure.or(self.app_url.map(is_https))
    }

    fn prefix(&self) -> Option<&'static str> {
        prefix(self.name?)
    }

    /// RFC 6265bis §4.1.3. Where `secure` is written, that is what is wrong.
    fn wrong_name(&self) -> Option<Wrong> {
        let prefix = self.prefix()?;
        if self.secure.is_some() || self.is_secure() != Some(false) {
            return None;
        }
        let name = self.name?;
        let because = format!(
            "`app_url` is http, and browsers drop a `{prefix}` cookie that is not Secure (RFC 6265bis §4.1.3)"
        );
        let bare = name.get(prefix.len()..).filter(|it| !it.is_empty());
        let instead = format!(
            "write {:?}: on https the prefix is put before it",
            bare.unwrap_or("authsafe")
        );
        Some(Wrong::new(name, because, instead))
    }

    /// RFC 6265bis §5.7, step 19.
    fn wrong_same_site(&self) -> Option<Wrong> {
        if !self.same_site_none || self.is_secure() == Some(true) {
            return None;
        }
        let because = "browsers drop a SameSite=None cookie that is not Secure";
        let instead = match self.app_url.is_some_and(|it| !is_https(it)) {
            true => "write `same_site = \"lax\"`, or an `app_url` that is https",
            false => "add `secure`, or write `same_site = \"lax\"`",
        };
        Some(Wrong::new("none", because, instead))
    }

    fn wrong_secure(&self) -> Option<Wrong> {
        let is_https = self.app_url.map(is_https);
        let https = "write `secure = true`, or leave it out";
        let (found, because, instead) = match (self.secure?, self.prefix()) {
            (false, Some(prefix)) => (
                "false",
                format!(
                    "browsers drop a `{prefix}` cookie that is not Secure (RFC 6265bis §4.1.3)"
                ),
                https,
            ),
            (false, None) if is_https == Some(true) => (
                "false",
                "`app_url` is https, and who gets a browser to ask over http reads the cookie"
                    .to_owned(),
                https,
            ),
            (true, _) if self.app_url.is_some_and(|it| !keeps_secure(it)) => (
                "true",
                "`app_url` is http and not on this machine, where browsers drop a Secure cookie \
                 (RFC 6265bis §5.7)"
                    .to_owned(),
                "leave it out, or write an `app_url` that is https",
            ),
            _ => return None,
        };
        Some(bare(found, because, instead))
    }

    fn wrong_domain(&self) -> Option<Wrong> {
        let domain = self.domain.map(|it| it.strip_prefix('.').unwrap_or(it));
        if self.has_domain && self.prefix() == Some(HOST) {
            return Some(not_of_the_host(domain, "domain"));
        }
        let (domain, host) = (domain?, text::host(self.app_url?)?);
        if belongs(host, domain) {
            return None;
        }
        let because = format!("browsers drop it, as the app is at {host:?} (RFC 6265 §5.3)");
        let instead = match host.matches('.').count() {
            dots if dots == 0 || text::is_address(host) => "leave it out".to_owned(),
            1 => format!("write {host:?}, or leave it out"),
            _ => format!("write {host:?}, or a domain of yours above it, or leave it out"),
        };
        Some(Wrong::new(domain, because, instead))
    }

    fn wrong_path(&self) -> Option<Wrong> {
        let path = self.path?;
        if self.prefix() == Some(HOST) && path != "/" {
            return Some(not_of_the_host(Some(path), "path"));
        }
        let left_out = |(_, at): &&(&str, &str)| !covers(path, at);
        let endpoints = self.endpoints.iter().filter(left_out);
        let endpoints: Vec<String> = endpoints
            .map(|(name, at)| format!("{at:?} (`{name}`)"))
            .collect();
        let patterns = self.protect.iter();
        let patterns = patterns.filter(|it| it.starts_with('/') && !covers(path, literally(it)));
        let patterns: Vec<String> = patterns.map(|it| format!("{it:?} (`protect`)")).collect();
        let left_out = [endpoints, patterns].concat();
        if left_out.is_empty() {
            return None;
        }
        let because = format!(
            "browsers do not send the session to {} (RFC 6265 §5.1.4)",
            left_out.join(", ")
        );
        Some(Wrong::new(
            path,
            because,
            "write \"/\", or a path above all of them",
        ))
    }
}

const HOST: &str = "__Host-";

/// Returns the prefix of a name, which browsers read in whatever case (RFC 6265bis §5.7, steps 20 and 21).
fn prefix(name: &str) -> Option<&'static str> {
    let begins = |prefix: &&str| {
        let begin = name.get(..prefix.len());
        begin.is_some_and(|it| it.eq_ignore_ascii_case(prefix))
    };
    [HOST, "__Secure-"].into_iter().find(begins)
}

fn not_of_the_host(found: Option<&str>, key: &str) -> Wrong {
    let because = "browsers drop a `__Host-` cookie that has a domain or a path other than \"/\" \
                   (RFC 6265bis §4.1.3.2)";
    let instead = format!("remove `{key}`, or the prefix from `name`");
    match found {
        Some(found) => Wrong::new(found, because, instead),
        None => bare("written", because, instead),
    }
}

/// A value that is no text.
fn bare(found: &str, because: impl Into<String>, instead: impl Into<String>) -> Wrong {
    Wrong {
        found: Some(format!("`{found}`")),
        because: because.into(),
        instead: instead.into(),
    }
}

/// Returns whether a cookie of `path` is sent to `other` (RFC 6265 §5.1.4).
#[must_use]
pub fn covers(path: &str, other: &str) -> bool {
    let rest = other.strip_prefix(path);
    rest.is_some_and(|rest| path.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
}

/// A pattern up to its first `*`.
fn literally(pattern: &str) -> &str {
    let literal = pattern.find("/*").and_then(|end| pattern.get(..end));
    match literal.unwrap_or(pattern) {
        "" => "/",
        literal => literal,
    }
}

/// Returns whether a host may set a cookie of `domain` (RFC 6265 §5.1.3).
fn belongs(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_ascii_lowercase(), domain.to_ascii_lowercase());
    let is_name = !text::is_address(&host);
    host == domain || (is_name && host.ends_with(&format!(".{domain}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTPS: Facts<'_> = Facts {
        name: None,
        same_site_none: false,
        secure: None,
        has_domain: false,
        domain: None,
        path: None,
        app_url: Some("https://app.example.com"),
        endpoints: &[
            ("signin", "/api/auth/signin"),
            ("logout", "/api/auth/out/now"),
        ],
        protect: &["/api/**", "/*/x"],
    };

    #[track_caller]
    fn wrong(facts: Facts<'_>, expected: &[(&str, &str)]) {
        let wrong = facts.wrong();
        let found: Vec<_> = wrong
            .iter()
            .map(|(key, it)| (*key, it.to_string()))
            .collect();
        assert_eq!(found.len(), expected.len(), "{facts:?}: {found:?}");
        for ((key, told), (expected_key, part)) in found.iter().zip(expected) {
            assert_eq!(key, expected_key, "{told}");
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn a_prefix_wants_a_secure_cookie() {
        let named = |name, secure, app_url| Facts {
            name: Some(name),
            secure,
            app_url,
            ..HTTPS
        };
        let local = Some("http://localhost:3000");
        for name in ["__Host-id", "__Secure-id", "__host-id"] {
            wrong(named(name, None, HTTPS.app_url), &[]);
            wrong(named(name, None, None), &[]);
            wrong(named(name, Some(true), None), &[]);
            wrong(named(name, Some(true), local), &[]);
            wrong(named(name, None, local), &[("name", "write \"id\"")]);
            wrong(
                named(name, Some(false), None),
                &[("secure", "cookie that is not Secure")],
            );
            wrong(
                named(name, Some(false), local),
                &[("secure", "cookie that is not Secure")],
            );
        }
        wrong(
            named("__Host-", None, local),
            &[("name", "write \"authsafe\"")],
        );
        wrong(named("id__Host-", None, local), &[]);
    }

    #[test]
    fn secure_is_what_the_app_is() {
        let with = |secure, app_url| Facts {
            secure: Some(secure),
            app_url,
            ..HTTPS
        };
        let secure = |secure, app_url, part: &str| {
            let told = with(secure, Some(app_url)).wrong();
            let told: Vec<_> = told.iter().map(|(_, it)| it.to_string()).collect();
            assert_eq!(told.is_empty(), part.is_empty(), "{app_url}: {told:?}");
            assert!(told.concat().contains(part), "{told:?}");
        };
        secure(false, "https://app.example.com", "`app_url` is https");
        secure(true, "https://app.example.com", "");
        secure(false, "http://localhost", "");
        for here in [
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:3000",
            "http://app.localhost:3000",
        ] {
            secure(true, here, "");
        }
        for away in ["http://192.168.0.5:3000", "http://[fd00::1]:3000"] {
            secure(true, away, "not on this machine");
        }
        wrong(with(false, None), &[]);
        wrong(with(true, None), &[]);
    }

    #[test]
    fn a_cookie_of_other_sites_is_secure() {
        let none = |secure, app_url| Facts {
            same_site_none: true,
            secure,
            app_url,
            ..HTTPS
        };
        wrong(none(None, HTTPS.app_url), &[]);
        wrong(none(Some(true), None), &[]);
        wrong(none(Some(true), Some("http://localhost")), &[]);
        wrong(none(None, None), &[("same_site", "add `secure`")]);
        wrong(none(Some(false), None), &[("same_site", "not Secure")]);
        let told = "write `same_site = \"lax\"`, or an `app_url` that is https";
        wrong(none(None, Some("http://localhost")), &[("same_site", told)]);
    }

    #[test]
    fn a_domain_is_that_of_the_app_or_above_it() {
        let on = |domain, app_url| Facts {
            has_domain: true,
            domain: Some(domain),
            app_url: Some(app_url),
            ..HTTPS
        };
        for domain in ["app.example.com", ".example.com", "EXAMPLE.com"] {
            wrong(on(domain, "https://App.example.com:8443"), &[]);
        }
        for domain in [
            "example.org",
            "xample.com",
            "shop.example.com",
            "x.app.example.com",
        ] {
            let told = "write \"app.example.com\", or a domain of yours above it";
            wrong(on(domain, "https://app.example.com"), &[("domain", told)]);
        }
        for app_url in ["http://localhost:3000", "http://10.0.0.1", "http://[::1]"] {
            wrong(on("example.com", app_url), &[("domain", "; leave it out")]);
        }
        wrong(
            on("0.0.1", "http://10.0.0.1"),
            &[("domain", "; leave it out")],
        );
        let unknown = Facts {
            app_url: None,
            ..on("example.com", "")
        };
        wrong(unknown, &[]);
    }

    #[test]
    fn a_path_is_above_all_that_the_session_is_for() {
        let under = |path| Facts {
            path: Some(path),
            protect: &["/api/**"],
            ..HTTPS
        };
        for path in ["/", "/api"] {
            wrong(under(path), &[]);
        }
        for path in ["/app", "/ap", "/API"] {
            let told = "\"/api/auth/signin\" (`signin`), \"/api/auth/out/now\" (`logout`), \"/api/**\" (`protect`)";
            wrong(under(path), &[("path", told)]);
        }
        let told = "the session to \"/api/auth/signin\" (`signin`), \"/api/**\" (`protect`) (RFC";
        wrong(under("/api/auth/out"), &[("path", told)]);
        let rules = Facts {
            protect: HTTPS.protect,
            ..under("/api")
        };
        wrong(
            rules,
            &[("path", "the session to \"/*/x\" (`protect`) (RFC")],
        );
    }

    #[test]
    fn a_host_cookie_has_neither_domain_nor_path() {
        let host = Facts {
            name: Some("__Host-id"),
            has_domain: true,
            path: Some("/api"),
            ..HTTPS
        };
        let told = "has a domain or a path other than";
        wrong(host, &[("domain", told), ("path", told)]);
        let root = Facts {
            has_domain: false,
            path: Some("/"),
            ..host
        };
        wrong(root, &[]);
    }
}
