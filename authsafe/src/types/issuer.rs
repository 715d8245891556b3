//! The issuer as tokens and authorization responses name it (`iss`, RFC 7519 §4.1.1, RFC 9207 §2).

use authsafe_rules::text;

use super::url::Issuer;

/// What a provider with many tenants writes where the tenant's id is.
const TENANT: &str = "{tenantid}";

/// The tenants whose users may sign in, if the provider has one issuer for each tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenants {
    /// The provider has one issuer.
    One,
    /// These tenants, by their ids.
    Of(&'static [&'static str]),
    /// Every tenant: everybody with an account at the provider may sign in.
    Any,
}

impl Tenants {
    fn allow(self, tenant: &str) -> bool {
        let is_one = |known: &&str| known.eq_ignore_ascii_case(tenant);
        match self {
            Self::One => false,
            Self::Of(known) => known.iter().any(is_one),
            Self::Any => text::tenant(tenant).is_ok(),
        }
    }
}

/// What an `iss` is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenIssuer {
    /// As the provider's document names it, or the attribute: byte by byte.
    Named(String),
    /// Named by nobody but as the domain: with a slash at its end, or without.
    Domain(Issuer),
    /// One for each tenant: what stands before its id, and after it.
    OfTenants {
        before: String,
        after: String,
        tenants: Tenants,
    },
}

impl TokenIssuer {
    /// Reads the issuer of a document that stands at `domain`. `None`: it is another one. An issuer for each
    /// tenant is at a domain that has some word in the place of the id, such as `common`.
    pub(crate) fn of_document(named: &str, domain: &Issuer, tenants: Tenants) -> Option<Self> {
        if domain.is(named) {
            return Some(Self::Named(named.to_owned()));
        }
        let (before, after) = named.split_once(TENANT)?;
        let word = domain.as_str().strip_prefix(before)?;
        let word = word.strip_suffix(after.trim_end_matches('/'))?;
        let is_word = !word.is_empty() && !word.contains('/') && !after.contains(TENANT);
        is_word.then(|| Self::OfTenants {
            before: before.to_owned(),
            after: after.to_owned(),
            tenants,
        })
    }

    /// Returns whether a token with this `iss` is of the issuer; `tid` is the tenant that it names.
    pub(crate) fn is(&self, iss: &str, tid: Option<&str>) -> bool {
        match self {
            Self::OfTenants { .. } => self.tenant(iss).is_some_and(|it| tid == Some(it)),
            _ => self.is_of_response(iss),
        }
    }

    /// Returns whether an authorization response with this `iss` is of the issuer.
    pub(crate) fn is_of_response(&self, iss: &str) -> bool {
        match self {
            Self::Named(named) => named == iss,
            Self::Domain(issuer) => issuer.is(iss),
            Self::OfTenants { .. } => self.tenant(iss).is_some(),
        }
    }

    /// Returns the tenant in an `iss` whose users may sign in.
    fn tenant<'a>(&self, iss: &'a str) -> Option<&'a str> {
        let Self::OfTenants {
            before,
            after,
            tenants,
        } = self
        else {
            return None;
        };
        let tenant = iss.strip_prefix(&**before)?.strip_suffix(&**after)?;
        tenants.allow(tenant).then_some(tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "11111111-2222-3333-4444-555555555555";
    const OTHER: &str = "99999999-2222-3333-4444-555555555555";
    const ENTRA: &str = "https://login.example/{tenantid}/v2.0";

    fn at(domain: &str, named: &str, tenants: Tenants) -> Option<TokenIssuer> {
        TokenIssuer::of_document(named, &Issuer::parse(domain).unwrap(), tenants)
    }

    fn iss(tenant: &str) -> String {
        format!("https://login.example/{tenant}/v2.0")
    }

    #[test]
    fn a_slash_may_differ_between_domain_and_document_and_nowhere_else() {
        for (domain, named) in [
            ("https://id.example", "https://id.example"),
            ("https://id.example", "https://id.example/"),
            ("https://id.example/", "https://id.example"),
            ("https://id.example/", "https://id.example/"),
        ] {
            let issuer = at(domain, named, Tenants::One).unwrap();
            assert!(issuer.is(named, None) && issuer.is_of_response(named));
            let other = match named.strip_suffix('/') {
                Some(without) => without.to_owned(),
                None => format!("{named}/"),
            };
            assert!(
                !issuer.is(&other, None) && !issuer.is_of_response(&other),
                "{other}"
            );
        }
        let issuer = TokenIssuer::Domain(Issuer::parse("https://id.example").unwrap());
        assert!(issuer.is("https://id.example/", None) && issuer.is("https://id.example", None));
        assert!(!issuer.is("https://id.example//", None));
    }

    #[test]
    fn another_issuer_is_none() {
        for named in [
            "https://id.example/x",
            "https://ID.example",
            "https://evil.example",
            "{tenantid}",
            "",
        ] {
            assert_eq!(
                at("https://id.example", named, Tenants::Any),
                None,
                "{named}"
            );
        }
        for domain in [
            "https://login.example/v2.0",
            "https://login.example/a/b/v2.0",
            "https://login.example/common",
            "https://evil.example/common/v2.0",
        ] {
            assert_eq!(at(domain, ENTRA, Tenants::Any), None, "{domain}");
        }
        let twice = "https://login.example/{tenantid}/{tenantid}";
        assert_eq!(at("https://login.example/a/b", twice, Tenants::Any), None);
    }

    #[test]
    fn a_tenants_issuer_is_filled_from_what_its_token_names() {
        let domain = "https://login.example/organizations/v2.0";
        let issuer = at(domain, ENTRA, Tenants::Of(&[ONE])).unwrap();
        assert!(issuer.is(&iss(ONE), Some(ONE)));
        assert!(!issuer.is(&iss(ONE), None));
        assert!(!issuer.is(&iss(ONE), Some(OTHER)));
        assert!(!issuer.is(&iss(OTHER), Some(OTHER)));
        assert!(!issuer.is(&iss("{tenantid}"), Some("{tenantid}")));
        assert!(!issuer.is(&format!("{}/", iss(ONE)), Some(ONE)));
        assert!(!issuer.is(&iss(&format!("x/{ONE}")), Some(ONE)));
        assert!(issuer.is_of_response(&iss(ONE)) && !issuer.is_of_response(&iss(OTHER)));
    }

    #[test]
    fn any_tenant_is_one_with_an_id() {
        let issuer = at("https://login.example/common/v2.0", ENTRA, Tenants::Any).unwrap();
        assert!(issuer.is(&iss(ONE), Some(ONE)) && issuer.is(&iss(OTHER), Some(OTHER)));
        for tenant in ["", "common", "{tenantid}", "a/b", "a/../b"] {
            assert!(!issuer.is(&iss(tenant), Some(tenant)), "{tenant}");
        }
        assert!(!issuer.is(&iss(ONE), Some(OTHER)));
        // Whose are not said, nobody's.
        let nobodys = at("https://login.example/common/v2.0", ENTRA, Tenants::One).unwrap();
        assert!(!nobodys.is(&iss(ONE), Some(ONE)) && !nobodys.is_of_response(&iss(ONE)));
    }
}
