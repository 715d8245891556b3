//! Scopes (RFC 6749 §3.3).

use core::ops::Deref;

use authsafe_rules::text;

/// Scopes that are asked for or were granted. What is no scope token grants nothing, and is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scopes(Vec<String>);

impl Scopes {
    /// Reads them as the standard writes them: with spaces between.
    pub(crate) fn parse(text: &str) -> Self {
        text.split_ascii_whitespace().collect()
    }

    /// Returns those of them that are OpenID Connect's own.
    pub(crate) fn of_openid(&self) -> Self {
        self.iter().filter(|it| is_openid_scope(it)).collect()
    }
}

impl Deref for Scopes {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl<S: Into<String>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut scopes = Self::default();
        scopes.extend(names);
        scopes
    }
}

impl<S: Into<String>> Extend<S> for Scopes {
    fn extend<I: IntoIterator<Item = S>>(&mut self, names: I) {
        let names = names.into_iter().map(Into::into);
        self.0
            .extend(names.filter(|name: &String| is_scope_token(name)));
    }
}

/// Returns whether it is a scope token: `1*( %x21 / %x23-5B / %x5D-7E )`, RFC 6749 §3.3.
#[must_use]
pub(crate) fn is_scope_token(text: &str) -> bool {
    text::scope_token(text).is_ok()
}

/// Returns whether it is a scope of OpenID Connect (Core §5.4, §11). It opens no doors of an app's own.
pub(crate) fn is_openid_scope(scope: &str) -> bool {
    const ALL: [&str; 6] = [
        "openid",
        "profile",
        "email",
        "address",
        "phone",
        "offline_access",
    ];
    ALL.contains(&scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_tokens_are_those_of_rfc_6749() {
        for good in ["openid", "read:documents", "a!#$%", "https://x/y", "~"] {
            assert!(is_scope_token(good), "{good}");
        }
        for bad in ["", "a b", "a\"b", "a\\b", "ä", "a\n"] {
            assert!(!is_scope_token(bad), "{bad:?}");
        }
    }

    #[test]
    fn what_is_no_scope_token_is_left_out_however_it_comes() {
        let good = Scopes::from_iter(["openid", "admin"]);
        assert_eq!(Scopes::parse(" openid  a\"b admin ä "), good);
        assert_eq!(Scopes::from_iter(["openid", "a b", "", "admin"]), good);
        let mut scopes = Scopes::parse("openid");
        scopes.extend(["openid admin", "admin"]);
        assert_eq!(scopes, good);
    }

    #[test]
    fn those_of_openid_open_no_doors() {
        let scopes = Scopes::parse("openid admin offline_access Email");
        assert_eq!(scopes.of_openid(), Scopes::parse("openid offline_access"));
    }
}
