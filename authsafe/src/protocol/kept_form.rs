//! A form that met a sign-in, as it is kept.

use std::borrow::Cow;

use url::form_urlencoded;

use crate::clock::UnixSeconds;
use crate::types::{Reason, ReturnTo};

/// A form that a browser has sent (`application/x-www-form-urlencoded`).
pub(crate) struct KeptForm {
    /// Where it was sent.
    pub(crate) to: ReturnTo,
    /// How long it is good.
    pub(crate) until: UnixSeconds,
    body: String,
}

impl KeptForm {
    /// Reads a form as a browser sends it.
    ///
    /// # Errors
    ///
    /// What a page would not send again as it is: text that is no UTF-8, and controls.
    pub(crate) fn read(to: ReturnTo, body: &[u8], until: UnixSeconds) -> Result<Self, Reason> {
        let unreadable = Reason("has something in it that no page sends");
        let body = core::str::from_utf8(body).map_err(|_| unreadable)?;
        let is_text = |text: &str| {
            !text.contains(|c: char| {
                c == char::REPLACEMENT_CHARACTER || (c.is_control() && !"\r\n\t".contains(c))
            })
        };
        let form = Self {
            to,
            until,
            body: body.to_owned(),
        };
        let mut fields = form.fields();
        let is_readable = fields.all(|(name, value)| is_text(&name) && is_text(&value));
        drop(fields);
        is_readable.then_some(form).ok_or(unreadable)
    }

    /// Its fields, in their order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.body.as_bytes())
    }

    /// Encodes it: `good until 8 | length of the path 2 | path | form`.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let to = self.to.as_str();
        // A return path has 2 KB at the most.
        let length = u16::try_from(to.len()).unwrap_or_default();
        [
            &self.until.to_be_bytes()[..],
            &length.to_be_bytes(),
            to.as_bytes(),
            self.body.as_bytes(),
        ]
        .concat()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (until, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (to, body) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        let to = ReturnTo::parse(core::str::from_utf8(to).ok()?).ok()?;
        Self::read(to, body, u64::from_be_bytes(*until)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8]) -> Result<KeptForm, Reason> {
        KeptForm::read(ReturnTo::parse("/orders?a=b").unwrap(), body, 77)
    }

    #[test]
    fn it_comes_back_from_its_bytes() {
        for body in ["", "a=1&b=%C3%A4+%22%3C&a=2", "text=one%0D%0Atwo"] {
            let one = read(body.as_bytes()).unwrap();
            let two = KeptForm::decode(&one.encode()).unwrap();
            assert_eq!((two.to, two.until), (one.to, 77));
            assert_eq!(two.body, body);
        }
    }

    #[test]
    fn what_a_page_would_send_in_another_way_is_not_kept() {
        for body in [&b"a=\xff"[..], b"a=%FF", b"a=%00", b"%1b=b"] {
            assert!(read(body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn cut_bytes_are_none() {
        let bytes = read(b"a=b").unwrap().encode();
        for length in 0..21 {
            assert!(KeptForm::decode(&bytes[..length]).is_none(), "{length}");
        }
    }
}
