//! Who a user is at a provider (`sub`, OpenID Connect Core §2).

/// The way in which a provider spells its subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subjects {
    /// Each text is somebody else, byte by byte.
    Plain,
    /// AuthSafe's: `authsafe|<id>` and the id alone are one user.
    AuthSafe,
}

/// A user of one provider, in the provider's own text. Two spellings of one user are equal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<T = String> {
    text: T,
    spelling: Subjects,
}

impl Subjects {
    /// The longest `sub`, in bytes (OpenID Connect Core §2 says 255 ASCII characters).
    const MAX_LEN: usize = 255;

    /// Returns the user whom a text names that was checked before, or that the app itself wrote.
    pub(crate) fn of<T: AsRef<str>>(self, text: T) -> Subject<T> {
        let spelling = self;
        Subject { text, spelling }
    }

    /// Returns the user whom a token's `sub` names. `None`: it is longer than 255 bytes, or empty, which would
    /// be nobody.
    pub(crate) fn parse(self, sub: String) -> Option<Subject> {
        let is_good = !sub.is_empty() && sub.len() <= Self::MAX_LEN;
        is_good.then(|| self.of(sub))
    }
}

impl<T: AsRef<str>> Subject<T> {
    /// Returns the text as the provider sent it.
    pub(crate) fn as_str(&self) -> &str {
        self.text.as_ref()
    }

    pub(crate) fn by_ref(&self) -> Subject<&str> {
        self.spelling.of(self.as_str())
    }

    /// Returns the one spelling that all of a user's have in common, of which keys are made.
    pub(crate) fn name(&self) -> &str {
        match self.spelling {
            Subjects::Plain => self.as_str(),
            Subjects::AuthSafe => self.as_authsafes(),
        }
    }

    /// Returns the [`name`](Self::name) that it would have at AuthSafe.
    fn as_authsafes(&self) -> &str {
        let text = self.as_str();
        text.strip_prefix("authsafe|").unwrap_or(text)
    }

    /// Returns whether it may be one of AuthSafe's, and is not taken for one.
    pub(crate) fn may_miss_a_spelling(&self) -> bool {
        self.name() != self.as_authsafes()
    }

    /// Returns whether the two, which are not equal, would be one user at AuthSafe.
    pub(crate) fn differs_in_spelling<U: AsRef<str>>(&self, other: &Subject<U>) -> bool {
        self != other && self.as_authsafes() == other.as_authsafes()
    }
}

impl Subject {
    pub(crate) fn into_string(self) -> String {
        self.text
    }
}

impl<T: AsRef<str>, U: AsRef<str>> PartialEq<Subject<U>> for Subject<T> {
    fn eq(&self, other: &Subject<U>) -> bool {
        self.name() == other.name()
    }
}

impl<T: AsRef<str>> Eq for Subject<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_are_one_user_at_authsafe_and_nowhere_else() {
        assert_eq!(
            Subjects::AuthSafe.of("authsafe|x"),
            Subjects::AuthSafe.of("x")
        );
        let (plain, other) = (Subjects::Plain.of("authsafe|x"), Subjects::Plain.of("x"));
        assert_ne!(plain, other);
        assert!(plain.differs_in_spelling(&other) && !plain.differs_in_spelling(&plain));
        assert!(!plain.differs_in_spelling(&Subjects::Plain.of("y")));
        for subjects in [Subjects::AuthSafe, Subjects::Plain] {
            let of = |text| subjects.of(text);
            assert_eq!(of("authsafe|x"), of("authsafe|x"));
            assert_ne!(of("authsafe|x"), of("authsafe|y"));
            assert_ne!(of("other|x"), of("x"));
            assert!(!of("other|x").may_miss_a_spelling() && !of("x").may_miss_a_spelling());
            assert_ne!(of("AuthSafe|x"), of("x"));
        }
        assert!(plain.may_miss_a_spelling());
        assert!(!Subjects::AuthSafe.of("authsafe|x").may_miss_a_spelling());
    }

    #[test]
    fn the_text_stays_what_the_provider_sent() {
        let subject = Subjects::AuthSafe.of("authsafe|x".to_owned());
        assert_eq!((subject.as_str(), subject.name()), ("authsafe|x", "x"));
        assert_eq!(subject.into_string(), "authsafe|x");
    }

    #[test]
    fn a_sub_has_one_to_255_bytes() {
        for subjects in [Subjects::AuthSafe, Subjects::Plain] {
            assert!(subjects.parse("x".repeat(255)).is_some());
            assert!(subjects.parse("x".repeat(256)).is_none());
            assert!(subjects.parse(String::new()).is_none());
        }
    }
}
