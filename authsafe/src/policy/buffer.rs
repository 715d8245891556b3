//! Texts that are put together while the program compiles.

/// A text that is put together while the program compiles.
pub(crate) struct Buffer<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Buffer<N> {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }

    pub(super) const fn of_chars(chars: &[char]) -> Self {
        let mut all = Self::new();
        let mut i = 0;
        while i < chars.len() && chars[i] != '\0' {
            let mut utf8 = [0; 4];
            all = all.with(chars[i].encode_utf8(&mut utf8));
            i += 1;
        }
        all
    }

    /// The text with `more` after it; what does not fit does not compile.
    pub(crate) const fn with(mut self, more: &str) -> Self {
        let more = more.as_bytes();
        let mut i = 0;
        while i < more.len() {
            self.bytes[self.len] = more[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    /// Does as `with`, but what does not fit is left out.
    pub(crate) const fn fit(self, more: &str) -> Self {
        if self.len + more.len() > N {
            self
        } else {
            self.with(more)
        }
    }

    /// The text with the code point of a letter after it: `U+0430`.
    pub(crate) const fn code_point(self, letter: char) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let code = letter as u32;
        let mut hex = [b'0'; 6];
        let mut i = 0;
        while i < hex.len() {
            hex[i] = DIGITS[(code >> (20 - 4 * i) & 0xf) as usize];
            i += 1;
        }
        // Four digits at the least.
        let skipped = if code > 0xf_ffff {
            0
        } else if code > 0xffff {
            1
        } else {
            2
        };
        match core::str::from_utf8(hex.split_at(skipped).1) {
            Ok(hex) => self.fit("U+").fit(hex),
            Err(_) => self,
        }
    }

    pub(crate) const fn text(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // Not reached: only whole `&str`s are appended.
            Err(_) => panic!("a text that is not UTF-8"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_put_there_and_what_does_not_is_left_out() {
        let full = || Buffer::<5>::new().with("ab").fit("cde");
        assert_eq!(full().text(), "abcde");
        assert_eq!(full().fit("").text(), "abcde");
        assert_eq!(full().fit("f").text(), "abcde");
        assert_eq!(Buffer::<5>::new().fit("abcdef").fit("gh").text(), "gh");
    }

    #[test]
    fn characters_are_read_up_to_the_first_that_is_none() {
        let chars = ['a', '\u{e4}', '\u{1f600}', '\0', 'b'];
        assert_eq!(Buffer::<8>::of_chars(&chars).text(), "a\u{e4}\u{1f600}");
        assert_eq!(Buffer::<2>::of_chars(&['a', 'b']).text(), "ab");
    }

    #[test]
    fn a_code_point_has_four_digits_at_the_least() {
        for (letter, expected) in [
            ('A', "x U+0041"),
            ('\u{430}', "x U+0430"),
            ('\u{ffff}', "x U+FFFF"),
            ('\u{10000}', "x U+10000"),
            ('\u{fffff}', "x U+FFFFF"),
            ('\u{10ffff}', "x U+10FFFF"),
        ] {
            let text = Buffer::<12>::new().with("x ").code_point(letter);
            assert_eq!(text.text(), expected);
        }
    }
}
