//! Letters that are not what they look like: those that cannot be seen, and those of other scripts that look like
//! ASCII.

/// Letters of other scripts (Cyrillic, Greek, Latin beyond ASCII), signs and spaces, and in the same places of
/// `PLAIN` the ASCII that each looks like (Unicode Technical Standard #39, confusables). Full-width forms are beside them.
const LOOK_LIKE: [char; 64] = [
    'а', 'с', 'ԁ', 'е', 'һ', 'і', 'ј', 'о', 'р', 'ԛ', 'ѕ', 'ԝ', 'х', 'у', 'А', 'В', 'С', 'Е', 'Н',
    'І', 'Ј', 'К', 'М', 'О', 'Р', 'Ѕ', 'Т', 'Х', 'α', 'ι', 'κ', 'ν', 'ο', 'ρ', 'Α', 'Β', 'Ε', 'Η',
    'Ι', 'Κ', 'Μ', 'Ν', 'Ο', 'Ρ', 'Τ', 'Υ', 'Χ', 'Ζ', 'ı', 'ɡ', 'ɑ', '\u{2010}', '\u{2011}',
    '\u{2012}', '\u{2013}', '\u{2212}', '\u{2024}', '\u{2044}', '\u{2215}', '\u{2236}', '\u{a0}',
    '\u{202f}', '\u{205f}', '\u{3000}',
];
const PLAIN: &[u8; 64] = b"acdehijopqswxyABCEHIJKMOPSTXaikvopABEHIKMNOPTYXZiga-----.//:    ";

/// Returns whether a letter has no form of its own.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns the ASCII that a letter looks like.
#[must_use]
pub const fn looks_like(c: char) -> Option<char> {
    if let '\u{ff01}'..='\u{ff5e}' = c {
        return Some((c as u32 - 0xff01 + 0x21) as u8 as char);
    }
    if let '\u{2000}'..='\u{200a}' = c {
        return Some(' ');
    }
    let mut i = 0;
    while i < LOOK_LIKE.len() {
        if LOOK_LIKE[i] as u32 == c as u32 {
            return Some(PLAIN[i] as char);
        }
        i += 1;
    }
    None
}

/// Writes a letter of another script with its code point, and what it looks like.
#[must_use]
pub fn named(c: char) -> String {
    let code = format!("U+{:04X}", u32::from(c));
    match looks_like(c) {
        _ if is_invisible(c) => format!("{code}, which cannot be seen"),
        Some(' ') => format!("{code}, which looks like a space"),
        Some(plain) => format!("`{c}` ({code}), which looks like `{plain}`"),
        None => format!("`{c}` ({code})"),
    }
}

/// Writes a text without what cannot be seen, and in ASCII what looks like it.
#[must_use]
pub fn plain(text: &str) -> String {
    let seen = text.chars().filter(|c| !is_invisible(*c));
    seen.map(|c| looks_like(c).unwrap_or(c)).collect()
}

/// Returns the first letter of a name that nobody can have meant: one that cannot be seen, a space that is none, or
/// one of another script in a word that is ASCII besides.
#[must_use]
pub fn odd(text: &str) -> Option<char> {
    let letters: Vec<char> = text.chars().collect();
    let is_foreign = |at: Option<usize>| {
        let c = at.and_then(|at| letters.get(at));
        c.is_some_and(|c| !c.is_ascii() && !is_invisible(*c))
    };
    // Joiners belong between the letters of some scripts.
    let joins = |at: usize| {
        matches!(letters[at], '\u{200c}' | '\u{200d}')
            && is_foreign(at.checked_sub(1))
            && is_foreign(Some(at + 1))
    };
    let hidden = (0..letters.len()).find(|&at| {
        (is_invisible(letters[at]) && !joins(at)) || looks_like(letters[at]) == Some(' ')
    });
    if let Some(at) = hidden {
        return Some(letters[at]);
    }
    let is_mixed = plain(text).is_ascii() && text.contains(|c: char| c.is_ascii_alphabetic());
    letters.into_iter().find(|c| is_mixed && !c.is_ascii())
}

/// Returns the first letter by which `found` is not `known`, which it looks like. `None`: it is `known`, or looks
/// like something else.
#[must_use]
pub const fn difference(known: &str, found: &str) -> Option<char> {
    let (known, found) = (known.as_bytes(), found.as_bytes());
    let (mut i, mut j, mut odd) = (0, 0, None);
    while j < found.len() {
        let (c, length) = letter(found, j);
        j += length;
        let plain = match looks_like(c) {
            Some(plain) => plain,
            None => c,
        };
        if (plain as u32 != c as u32 || is_invisible(c)) && odd.is_none() {
            odd = Some(c);
        }
        if is_invisible(c) {
            continue;
        }
        if i >= known.len() {
            return None;
        }
        let (expected, length) = letter(known, i);
        if expected as u32 != plain as u32 {
            return None;
        }
        i += length;
    }
    if i == known.len() { odd } else { None }
}

/// Returns the letter at a place of a text in UTF-8, and its length.
const fn letter(text: &[u8], at: usize) -> (char, usize) {
    let first = text[at] as u32;
    let (length, mut code) = match text[at] {
        0..0x80 => (1, first),
        0x80..0xe0 => (2, first & 0x1f),
        0xe0..0xf0 => (3, first & 0xf),
        _ => (4, first & 7),
    };
    let mut i = 1;
    while i < length && at + i < text.len() {
        code = (code << 6) | (text[at + i] as u32 & 0x3f);
        i += 1;
    }
    match char::from_u32(code) {
        Some(c) => (c, length),
        None => (char::REPLACEMENT_CHARACTER, length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_cannot_be_meant_is_found() {
        assert_eq!(odd("аdmin"), Some('а'));
        assert_eq!(odd("ad\u{200b}min"), Some('\u{200b}'));
        assert_eq!(odd("site\u{a0}admin"), Some('\u{a0}'));
        assert_eq!(odd("orders\u{2013}write"), Some('\u{2013}'));
        assert_eq!(plain("аd\u{200b}min"), "admin");
    }

    #[test]
    fn names_of_other_scripts_are_names() {
        for name in [
            "редактор",
            "оса",
            "管理者",
            "Bücher",
            "می\u{200c}خواهم",
            "admin",
            "Ελένη",
        ] {
            assert_eq!(odd(name), None, "{name}");
        }
    }

    #[test]
    fn what_looks_like_a_known_name_is_told_while_compiling() {
        const FOUND: Option<char> = difference("oca", "оса");
        assert_eq!(FOUND, Some('о'));
        assert_eq!(difference("admin", "admin"), None);
        assert_eq!(difference("admin", "аdmi"), None);
        assert_eq!(difference("Bücher", "Bücheг"), None);
        assert_eq!(difference("管", "管\u{200b}"), Some('\u{200b}'));
    }
}
