//! All that a path can be read as by whoever is behind the layer, and behind that.
//!
//! A router splits a path at its slashes and may decode it; a handler reads what is left in a way of
//! its own: it decodes once more, opens a file, or hands it to a URL parser, whose server reads it
//! again. Each begins where it likes. So no reading is of a whole path: each segment is brought to
//! the one name in which all ways to write that name end, and what else a reader may do with it is
//! noted. A pattern then finds every mixture of readings in one pass.
//!
//! What no honest client sends has no reading: `..` climbs out of wherever a reader began, and what
//! becomes of control characters only the last reader knows. Such a path passes every rule.

use icu_normalizer::DecomposingNormalizer;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

use super::is_parameter;

/// Bytes of a path that can be read in several ways, and is. Who writes a longer one has to pass
/// every rule.
pub(super) const LONGEST_READ: usize = 2048;

/// How often a text is decoded and its letters folded. Honest ones are done after one or two.
const ROUNDS: usize = 8;

/// Schemes after which a URL parser takes a path for one on its own server:
/// <https://url.spec.whatwg.org/#special-scheme>.
const SCHEMES: [&str; 6] = ["http", "https", "ws", "wss", "ftp", "file"];

/// A path, in the pieces between whatever separates names for some reader.
pub(super) struct Readings(Vec<Piece>);

/// What may be a segment, or a part of one.
pub(super) struct Piece {
    /// Decoded, in letters of ASCII where it can be.
    name: Vec<u8>,
    /// Nobody knows its name.
    is_any: bool,
    is_plain: bool,
    may_vanish: bool,
    may_join: bool,
    may_end: bool,
}

impl Readings {
    /// `None`: who sends this has to pass every rule. The first segments may be those of a route,
    /// with parameters.
    pub(super) fn of(path: &[u8], of_a_route: usize) -> Option<Self> {
        if path.len() > LONGEST_READ {
            return None;
        }
        let mut text = path.strip_prefix(b"/").unwrap_or(path);
        // A slash at the end changes nothing.
        while let [before @ .., b'/'] = text {
            text = before;
        }
        let mut pieces = Vec::new();
        let segments = text.split(|b| *b == b'/').filter(|_| !text.is_empty());
        for (at, segment) in segments.enumerate() {
            if at < of_a_route && str::from_utf8(segment).is_ok_and(is_parameter) {
                pieces.push(Piece {
                    is_any: true,
                    is_plain: false,
                    ..Piece::plain(segment)
                });
            } else if !segment.is_empty() && is_plain_text(segment) {
                pieces.push(Piece::plain(segment));
            } else {
                read(segment, &mut pieces)?;
            }
        }
        // What follows `//` or `http:` may be a host.
        for at in 1..pieces.len() {
            let before = &pieces[at - 1];
            let is_host = before.name.is_empty() || before.is_scheme();
            pieces[at].may_vanish |= is_host && !pieces[at].name.is_empty();
        }
        Some(Self(pieces))
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.0
    }
}

/// Reads one segment, between raw slashes.
fn read(segment: &[u8], pieces: &mut Vec<Piece>) -> Option<()> {
    let text = settled(segment)?;
    if text.iter().any(u8::is_ascii_control) {
        return None;
    }
    // What follows a mark is cut by who looks for marks before it decodes what separates.
    let mut may_be_cut = false;
    for (at, part) in text.split(|b| b"/\\".contains(b)).enumerate() {
        let (mut part, mut may_join) = (part, at > 0);
        let after_the_end = part.iter().rev().position(|b| b"?#".contains(b));
        loop {
            let mark = part.iter().position(|b| b";:?#".contains(b));
            let piece = Piece {
                name: part[..mark.unwrap_or(part.len())].to_vec(),
                is_any: false,
                is_plain: false,
                may_vanish: false,
                may_join,
                may_end: after_the_end.is_some_and(|length| length < part.len()),
            };
            let dots = piece.name.iter().filter(|b| **b == b'.').count();
            let is_nothing = piece.name.iter().all(|b| b". +".contains(b));
            if is_nothing && dots > 1 {
                return None;
            }
            let after = mark
                .filter(|at| part[*at] == b':')
                .map(|at| &part[at + 1..]);
            // `http:x`, and any other before `//`.
            let after = after.filter(|after| after.is_empty() || piece.is_scheme());
            let may_vanish = is_nothing || after.is_some() || may_be_cut;
            pieces.push(Piece {
                may_vanish,
                ..piece
            });
            may_be_cut |= mark.is_some();
            match after {
                Some(after) => (part, may_join) = (after, true),
                None => break,
            }
        }
    }
    Some(())
}

impl Piece {
    fn plain(name: &[u8]) -> Self {
        Self {
            name: name.to_vec(),
            is_any: false,
            is_plain: true,
            may_vanish: false,
            may_join: false,
            may_end: false,
        }
    }

    /// Returns whether its name is the same to each reader.
    pub(super) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether some do not see it: an empty segment, a `.`, a host.
    pub(super) fn may_vanish(&self) -> bool {
        self.may_vanish
    }

    /// Whether some take it for a part of the segment before it: a router that splits first and decodes
    /// then finds no slash.
    pub(super) fn may_join(&self) -> bool {
        self.may_join
    }

    /// Whether some see nothing after it: a query ends a path.
    pub(super) fn may_end(&self) -> bool {
        self.may_end
    }

    /// Returns whether it has this name for some reader. Letters are of either case; spaces around it are none of
    /// it to URL parsers, nor are dots and spaces at its end to Windows.
    pub(super) fn is_named(&self, literal: &str) -> bool {
        let literal = literal.as_bytes();
        if self.is_plain {
            return self.name.eq_ignore_ascii_case(literal);
        }
        let begins = |name: &[u8]| {
            name.split_at_checked(literal.len())
                .is_some_and(|(name, rest)| {
                    name.eq_ignore_ascii_case(literal) && rest.iter().all(|b| b". +".contains(b))
                })
        };
        let mut name = &self.name[..];
        while let [b' ' | b'+', after @ ..] = name
            && !begins(name)
        {
            name = after;
        }
        self.is_any || begins(name) || self.is_short_for(literal)
    }

    /// Windows has short names for long ones: the first letters of the long one, `PROGRA~1`, or one
    /// or two and a checksum, `PR3AF0~1`.
    fn is_short_for(&self, literal: &[u8]) -> bool {
        let letters = |name: &[u8]| {
            let letters = name.iter().filter(|b| b.is_ascii_alphanumeric());
            letters.map(u8::to_ascii_lowercase).collect::<Vec<_>>()
        };
        let literal = letters(literal);
        let begins = |stem: &[u8]| {
            let stem = letters(stem);
            literal.starts_with(&stem) && stem.is_empty() == literal.is_empty()
        };
        short_name(&self.name).is_some_and(|stem| {
            let checksum = stem.split_last_chunk::<4>();
            let checksum = checksum.filter(|it| it.1.iter().all(u8::is_ascii_hexdigit));
            begins(stem) || checksum.is_some_and(|(stem, _)| begins(stem))
        })
    }

    fn is_scheme(&self) -> bool {
        let mut name = &self.name[..];
        while let [b' ' | b'+', after @ ..] = name {
            name = after;
        }
        let is_scheme = |it: &&str| name.eq_ignore_ascii_case(it.as_bytes());
        !self.is_plain && SCHEMES.iter().any(is_scheme)
    }
}

/// Returns whether there is but one way to read a path, a slash at its end aside. Then nothing has to be decoded.
pub(super) fn is_plain(path: &[u8]) -> bool {
    path.strip_prefix(b"/").is_some_and(is_plain_text)
}

/// What is before the `~` in a short name of Windows: at most eight characters, of which the last
/// are `~` and a number, and at most three after a dot.
fn short_name(name: &[u8]) -> Option<&[u8]> {
    let is_nothing = |b: &u8| b". +".contains(b);
    let begin = name.iter().position(|b| !is_nothing(b))?;
    let end = name.iter().rposition(|b| !is_nothing(b))?;
    let name = name.get(begin..=end)?;
    let (base, extension) = match name.iter().rposition(|b| *b == b'.') {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => (name, &[][..]),
    };
    let (stem, number) = base.split_at(base.iter().rposition(|b| *b == b'~')?);
    let is_number = number.len() > 1 && number[1..].iter().all(u8::is_ascii_digit);
    // Bytes that begin a character.
    let length = |text: &[u8]| text.iter().filter(|b| **b & 0xc0 != 0x80).count();
    (is_number && length(base) <= 8 && length(extension) <= 3).then_some(stem)
}

fn is_plain_text(text: &[u8]) -> bool {
    let mut before = b'/';
    for (at, &b) in text.iter().enumerate() {
        let is_plain = match b {
            b'%' | b'\\' | b';' | b':' | b'?' | b'#' => false,
            // No empty segment, none that ends in a dot.
            b'/' => !matches!(before, b'/' | b'.' | b'+'),
            // A space, to who reads forms.
            b'+' => before != b'/',
            b'0'..=b'9' => before != b'~' || !is_in_short_name(text, at),
            b => b.is_ascii_graphic(),
        };
        if !is_plain {
            return false;
        }
        before = b;
    }
    !matches!(before, b'.' | b'+')
}

/// Returns whether the segment in which this byte is may be a short name.
fn is_in_short_name(text: &[u8], at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let is_slash = |b: &u8| *b == b'/';
    let begin = before.iter().rposition(is_slash).map_or(0, |at| at + 1);
    let end = after.iter().position(is_slash);
    let end = end.map_or(text.len(), |length| at + length);
    short_name(&text[begin..end]).is_some()
}

/// Decoded until nothing is left to decode, in letters of ASCII where it can be. `None`: it never
/// comes to rest.
fn settled(segment: &[u8]) -> Option<Vec<u8>> {
    let mut text = segment.to_vec();
    for _ in 0..ROUNDS {
        let next = folded(wholly_decoded(&text));
        if next == text || !next.contains(&b'%') {
            return Some(next);
        }
        text = next;
    }
    None
}

/// The byte that two hexadecimal digits at the beginning stand for.
pub(super) fn escaped(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// From the end to the beginning, so that what an escape stands for may be part of the next:
/// `%2525` is `%`, in one pass. `%u0041` is an escape to some servers.
fn wholly_decoded(text: &[u8]) -> Vec<u8> {
    let mut backwards: Vec<u8> = Vec::with_capacity(text.len());
    for &b in text.iter().rev() {
        let mut b = b;
        while b == b'%' {
            if let [.., low, high] = backwards[..]
                && let Some(escaped) = escaped(&[high, low])
            {
                backwards.truncate(backwards.len() - 2);
                b = escaped;
            } else if let [.., fourth, third, second, first, b'u' | b'U'] = backwards[..]
                && let Some(high) = escaped(&[first, second])
                && let Some(low) = escaped(&[third, fourth])
                && let Some(c) = char::from_u32(u32::from(u16::from_be_bytes([high, low])))
            {
                backwards.truncate(backwards.len() - 5);
                let mut utf8 = [0; 4];
                let utf8 = c.encode_utf8(&mut utf8).as_bytes();
                b = utf8[0];
                backwards.extend(utf8[1..].iter().rev());
            } else {
                break;
            }
        }
        backwards.push(b);
    }
    backwards.reverse();
    backwards
}

/// In letters of ASCII where file systems, databases and proxies compare letters so: compatible
/// ones (NFKD), without marks, of either case; bytes that are no UTF-8 dropped, and such as are
/// more bytes than a character needs taken for it.
fn folded(text: Vec<u8>) -> Vec<u8> {
    if text.is_ascii() {
        return text;
    }
    let text = without_overlong(&text);
    let mut folded = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        let letters = DecomposingNormalizer::new_nfkd().normalize_iter(chunk.valid().chars());
        let letters = letters.filter(|c| !is_unseen(*c)).map(|c| match c {
            c if !c.is_ascii() && c.is_whitespace() => ' ',
            c => c,
        });
        // Some have a letter of ASCII in the other case alone: U+212A, U+017F, U+0131.
        folded.extend(
            letters
                .flat_map(char::to_lowercase)
                .flat_map(char::to_uppercase),
        );
    }
    folded.into_bytes()
}

/// Marks on letters (Mn of the combining blocks, and all others that have a combining class), and
/// what is ignored by default (UAX 44).
fn is_unseen(c: char) -> bool {
    CanonicalCombiningClassMapBorrowed::new().get_u8(c) != 0
        || matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn without_overlong(text: &[u8]) -> Vec<u8> {
    let mut shorter = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&b, after)) = rest.split_first() {
        let (b, length) = overlong(rest).unwrap_or((b, 1));
        shorter.push(b);
        rest = &after[length - 1..];
    }
    shorter
}

/// A character of ASCII in more bytes than it needs, at the beginning, and how many they are.
fn overlong(text: &[u8]) -> Option<(u8, usize)> {
    let more = match text.first()? {
        0xc0 | 0xc1 => 1,
        0xe0 => 2,
        0xf0 => 3,
        0xf8 => 4,
        0xfc => 5,
        _ => return None,
    };
    let mut bits = u32::from(text[0] & 1);
    for b in text.get(1..=more)? {
        bits = (b & 0xc0 == 0x80).then_some(bits << 6 | u32::from(b & 0x3f))?;
    }
    let b = u8::try_from(bits).ok().filter(u8::is_ascii)?;
    Some((b, more + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_settled(text: &str, expected: &[u8]) {
        let settled = settled(text.as_bytes());
        assert_eq!(settled.as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn a_segment_is_decoded_until_nothing_is_left() {
        for (text, expected) in [
            ("%2525%32%35", "%"),
            ("%25%32%66", "/"),
            ("a%2", "a%2"),
            ("%", "%"),
            ("%%32%35", "%"),
            ("%2%35%36%31", "a"),
            ("%zz%41", "%zzA"),
            ("%u002f%U005C", "/\\"),
            ("%25u0061%u%30061", "aa"),
            ("%u00", "%u00"),
            ("%ud800", "%ud800"),
            ("%c0%ae%e0%80%af%f0%80%81%a1", "./A"),
            ("%c1%9c%fc%80%80%80%80%af", "\\/"),
        ] {
            is_settled(text, expected.as_bytes());
        }
        for text in ["%2525%32%35", "%%32%35", "%2%35%36%31", "a%2", "%25%32%66"] {
            let mut expected = text.as_bytes().to_vec();
            // One escape at a time, wherever one is.
            while let Some(at) = (0..expected.len())
                .find(|at| expected[*at] == b'%' && escaped(&expected[at + 1..]).is_some())
            {
                let b = escaped(&expected[at + 1..]).unwrap();
                expected.splice(at..at + 3, [b]);
            }
            assert_eq!(wholly_decoded(text.as_bytes()), expected, "{text}");
        }
        let mut deep = "%".to_owned();
        deep += &"25".repeat(500);
        is_settled(&format!("{deep}61"), b"a");
    }

    #[test]
    fn letters_are_those_of_ascii_where_some_take_them_for_it() {
        for (text, expected) in [
            ("\u{212a}", "K"),
            ("\u{17f}", "S"),
            ("\u{131}\u{130}", "II"),
            ("ａｄｍｉｎ", "ADMIN"),
            ("%EF%BD%81", "A"),
            ("%uff41", "A"),
            ("ﬁ\u{fb06}ß\u{1e9e}", "FISTSSSS"),
            ("𝒶ⓓ\u{1d5c6}ⁱℕ", "ADMIN"),
            ("a\u{200c}d\u{ad}m\u{feff}i\u{fe0f}n", "ADMIN"),
            ("ádmİn", "ADMIN"),
            ("ad%D6%B0mi\u{64e}\u{94d}n", "ADMIN"),
            ("／．＼％２ｅ", "/.\\."),
            ("\u{a0}x\u{2003}\u{2028}\u{1680}", " X   "),
            ("a%ffb%e4", "AB"),
            ("中文", "中文"),
        ] {
            is_settled(text, expected.as_bytes());
        }
    }
}
