//! One segment of a path, brought to the one name in which all ways to write that name end.

use icu_normalizer::DecomposingNormalizer;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

/// The most times that a text is decoded and its letters folded. Honest ones are done after one or two.
const ROUNDS: usize = 8;

/// Decodes a segment until nothing is left to decode, in letters of ASCII where it can be. `None`: it
/// never comes to rest.
pub(super) fn settled(segment: &[u8]) -> Option<Vec<u8>> {
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

/// Returns the byte that two hexadecimal digits at the beginning stand for.
pub(super) fn escaped(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// Decodes from the end to the beginning, so that what an escape stands for may be part of the next:
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

/// Writes a text in letters of ASCII where file systems, databases and proxies compare letters so: compatible
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
            ("%f8%80%80%80%ae", "."),
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
