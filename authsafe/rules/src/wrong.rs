//! What is wrong with a setting, in the words that the compiler and the start have in common.

use core::fmt;

/// The most characters of a value that a sentence shows.
const SHOWN: usize = 120;

/// The fault of a setting: ends a sentence that begins with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The value, as sentences show it. `None`: it is a secret.
    pub found: Option<String>,
    /// The reason for which it cannot stay.
    pub because: String,
    /// The thing to do instead: "write ...", "remove it". May be empty.
    pub instead: String,
}

impl Wrong {
    /// A value that is no secret, why it cannot stay, and what to do instead.
    pub fn new(found: &str, because: impl Into<String>, instead: impl Into<String>) -> Self {
        Self {
            found: Some(shown(found)),
            because: because.into(),
            instead: instead.into(),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Some(found) => write!(f, "cannot be {found}: {}", self.because)?,
            None => write!(f, "cannot be used: {}", self.because)?,
        }
        match self.instead.is_empty() {
            true => Ok(()),
            false => write!(f, "; {}", self.instead),
        }
    }
}

/// Returns a value as sentences show it: in quotes, of a length that can be read, and without the password of
/// a URL (RFC 3986 §3.2.1).
#[must_use]
pub fn shown(text: &str) -> String {
    let text = without_user(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}", format!("{}...", &text[..end])),
        None => format!("{text:?}"),
    }
}

fn without_user(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + 3);
    let end = text[start..].find(['/', '?', '#', '\\']);
    let end = end.map_or(text.len(), |end| start + end);
    match text[start..end].rfind('@') {
        Some(at) => format!("{}...{}", &text[..start], &text[start + at..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_shows_no_password_and_nothing_that_fills_the_screen() {
        for (text, expected) in [
            ("", "\"\""),
            ("http://id.example", "\"http://id.example\""),
            ("https://u:p@id.example/x", "\"https://...@id.example/x\""),
            ("u:p@ss@id.example", "\"...@id.example\""),
            ("https://id.example/@x", "\"https://id.example/@x\""),
            ("a\nb", "\"a\\nb\""),
        ] {
            assert_eq!(shown(text), expected);
        }
        assert_eq!(shown(&"ä".repeat(SHOWN)).chars().count(), SHOWN + 2);
        assert_eq!(shown(&"ä".repeat(500)).chars().count(), SHOWN + 5);
    }

    #[test]
    fn a_secret_is_not_shown() {
        let mut wrong = Wrong::new("s3cret", "it is short", "write a longer one");
        let text = "cannot be \"s3cret\": it is short; write a longer one";
        assert_eq!(wrong.to_string(), text);
        wrong.found = None;
        let text = "cannot be used: it is short; write a longer one";
        assert_eq!(wrong.to_string(), text);
    }
}
