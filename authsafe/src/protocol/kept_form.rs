//! A form that met a sign-in, as it is kept.

use std::borrow::Cow;

use url::form_urlencoded;

use crate::clock::UnixSeconds;
use crate::types::{Reason, ReturnTo};

/// A form that a browser has sent (`application/x-www-form-urlencoded`).
pub(crate) struct KeptForm {
    /// Which one of several it is.
    pub(crate) id: String,
    /// Where it was sent.
    pub(crate) to: ReturnTo,
    /// The id of the user who has sent it, where that is known: nobody else gets to see it.
    pub(crate) author: Option<String>,
    /// How long it is good.
    pub(crate) until: UnixSeconds,
    pub(crate) body: String,
}

impl KeptForm {
    /// Returns the body of a form that a page can send again as it was.
    ///
    /// # Errors
    ///
    /// What a page would send in another way, or not at all: text that is no UTF-8, controls, fields without
    /// a name, and `_charset_`, which browsers fill in themselves (HTML §4.10.22.4).
    pub(crate) fn readable(body: &[u8]) -> Result<&str, Reason> {
        let is_text = |text: &str| {
            let text = text.replace("\r\n", "");
            !text.contains(|c: char| {
                c == char::REPLACEMENT_CHARACTER || (c.is_control() && c != '\t')
            })
        };
        let is_sent = |name: &str| !name.is_empty() && !name.eq_ignore_ascii_case("_charset_");
        let mut fields = form_urlencoded::parse(body);
        let is_readable =
            fields.all(|(name, value)| is_sent(&name) && is_text(&name) && is_text(&value));
        let unreadable = Reason("has something in it that no page sends");
        match core::str::from_utf8(body) {
            Ok(body) if is_readable => Ok(body),
            _ => Err(unreadable),
        }
    }

    /// Its fields, in their order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.body.as_bytes())
    }

    /// Encodes it: `good until 8 | id | path | user or nothing | form`, where a text has its length in 2 bytes
    /// before it.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = self.until.to_be_bytes().to_vec();
        let author = self.author.as_deref().unwrap_or_default();
        for text in [&self.id, self.to.as_str(), author, &self.body] {
            // Each has some 32 KB at the most; a longer one would not be read.
            let length = u16::try_from(text.len()).unwrap_or_default();
            bytes.extend(length.to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (until, mut rest) = bytes.split_first_chunk()?;
        let mut text = || {
            let (length, texts) = rest.split_first_chunk()?;
            let (text, after) = texts.split_at_checked(u16::from_be_bytes(*length).into())?;
            rest = after;
            core::str::from_utf8(text).ok()
        };
        let (id, to, author, body) = (text()?, text()?, text()?, text()?);
        rest.is_empty().then_some(())?;
        Some(Self {
            id: id.to_owned(),
            to: ReturnTo::parse(to).ok()?,
            author: Some(author.to_owned()).filter(|it| !it.is_empty()),
            until: u64::from_be_bytes(*until),
            body: body.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(author: Option<&str>, body: &str) -> KeptForm {
        KeptForm {
            id: "abc".to_owned(),
            to: ReturnTo::parse("/orders?a=b").unwrap(),
            author: author.map(str::to_owned),
            until: 77,
            body: body.to_owned(),
        }
    }

    #[test]
    fn it_comes_back_from_its_bytes() {
        for author in [None, Some("authsafe|alice")] {
            for body in ["", "a=1&b=%C3%A4+%22%3C&a=2", "text=one%0D%0Atwo"] {
                let one = form(author, body);
                let two = KeptForm::decode(&one.encode()).unwrap();
                assert_eq!((&*two.id, two.to, two.until), ("abc", one.to, 77));
                assert_eq!((two.author.as_deref(), &*two.body), (author, body));
            }
        }
    }

    #[test]
    fn its_fields_are_told_in_their_order() {
        let form = form(None, "a=1&b=%C3%A4+%22%3C&a=");
        let fields: Vec<_> = form.fields().collect();
        let expected = [("a", "1"), ("b", "\u{e4} \"<"), ("a", "")];
        assert_eq!(
            fields,
            expected.map(|(name, value)| (name.into(), value.into()))
        );
    }

    #[test]
    fn what_a_page_would_send_in_another_way_is_not_kept() {
        let good = b"a=1&b=%C3%A4+%22%3C&a=2&c=&text=one%0D%0Atwo%09";
        assert_eq!(KeptForm::readable(good).unwrap().as_bytes(), good);
        for body in [
            &b"a=\xff"[..],
            b"a=%FF",
            b"a=%00",
            b"%1b=b",
            b"a=b&=c",
            b"=",
            b"_charset_=utf-8",
            b"a=one%0Atwo",
            b"a=one%0Dtwo",
            b"a=%0D%0D%0A",
        ] {
            let body_as_text = String::from_utf8_lossy(body);
            assert!(KeptForm::readable(body).is_err(), "{body_as_text}");
        }
    }

    #[test]
    fn cut_bytes_and_bytes_too_many_are_none() {
        let mut bytes = form(Some("alice"), "a=b").encode();
        for length in 0..bytes.len() {
            assert!(KeptForm::decode(&bytes[..length]).is_none(), "{length}");
        }
        bytes.push(0);
        assert!(KeptForm::decode(&bytes).is_none());
    }
}
