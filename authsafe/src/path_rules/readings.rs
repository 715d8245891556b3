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

use authsafe_rules::pattern::Pattern;

use super::decode::{escaped, settled};

/// Bytes of a path that can be read in several ways, and is. Who writes a longer one has to pass
/// every rule.
pub(super) const LONGEST_READ: usize = 2048;
/// Pieces of such a path, for each of which each rule is looked at. Who writes more has to pass every rule.
const MOST_PIECES: usize = 128;

/// Schemes after which a URL parser takes a path for one on its own server:
/// <https://url.spec.whatwg.org/#special-scheme>.
const SCHEMES: [&str; 6] = ["http", "https", "ws", "wss", "ftp", "file"];

/// A path, in the pieces between whatever separates names for some reader.
pub(super) struct Readings(Vec<Piece>);

/// A part of a path that may be a segment, or a part of one.
struct Piece {
    /// Decoded, in letters of ASCII where it can be.
    name: Vec<u8>,
    /// Nobody knows its name.
    is_any: bool,
    /// Its name is the same to each reader.
    is_plain: bool,
    /// Some do not see it: an empty segment, a `.`, a host.
    may_vanish: bool,
    /// Some take it for a part of the segment before it: a router that splits first and decodes then
    /// finds no slash.
    may_join: bool,
    /// Some see nothing after it: a query ends a path.
    may_end: bool,
}

impl Readings {
    /// Reads a path. `None`: who sends this has to pass every rule. The first segments may be those of a
    /// route, with parameters.
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
            } else if is_plain_segment(segment) {
                pieces.push(Piece::plain(segment));
            } else {
                read(segment, &mut pieces)?;
            }
            if pieces.len() > MOST_PIECES {
                return None;
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

    /// Returns in which of the ways to read a path it is one of a pattern.
    pub(super) fn find(&self, pattern: &Pattern<'_>) -> Found {
        let expected: Vec<&str> = pattern.segments().collect();
        let is_end = |met: usize| met == expected.len();
        // How many segments of the pattern are met so far, in one reading or another.
        let mut met = vec![false; expected.len() + 1];
        met[0] = true;
        let mut next = met.clone();
        let (mut is_in_some, mut is_in_all) = (false, true);
        for piece in &self.0 {
            next.fill(false);
            for at in (0..met.len()).filter(|at| met[*at]) {
                if is_end(at) {
                    next[at] |= pattern.is_tree();
                    is_in_all &= pattern.is_tree();
                } else if expected[at] == "*" {
                    next[at + 1] = true;
                } else {
                    let is_named = piece.is_named(expected[at]);
                    next[at + 1] |= is_named;
                    is_in_all &= is_named && piece.is_plain;
                }
                let goes_on = piece.may_join && at > 0 && expected[at - 1] == "*";
                next[at] |= piece.may_vanish || goes_on;
            }
            core::mem::swap(&mut met, &mut next);
            if !met.contains(&true) {
                break;
            }
            if piece.may_end {
                is_in_some |= met[expected.len()];
                is_in_all &= !met[..expected.len()].contains(&true);
            }
        }
        is_in_some |= met[expected.len()];
        is_in_all &= !met[..expected.len()].contains(&true);
        match (is_in_some, is_in_all) {
            (false, _) => Found::Never,
            (true, false) => Found::Sometimes,
            (true, true) => Found::Always,
        }
    }
}

/// The number of ways to read a path in which it is one of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Never,
    Sometimes,
    Always,
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

    /// Returns whether it has this name for some reader. Letters are of either case; spaces around it are none of
    /// it to URL parsers, nor are dots and spaces at its end to Windows.
    fn is_named(&self, literal: &str) -> bool {
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
        let Some(stem) = short_name(&self.name) else {
            return false;
        };
        let letters = |name: &[u8]| {
            let letters = name.iter().filter(|b| b.is_ascii_alphanumeric());
            letters.map(u8::to_ascii_lowercase).collect::<Vec<_>>()
        };
        let literal = letters(literal);
        let begins = |stem: &[u8]| {
            let stem = letters(stem);
            literal.starts_with(&stem) && stem.is_empty() == literal.is_empty()
        };
        let checksum = stem.split_last_chunk::<4>();
        let checksum = checksum.filter(|it| it.1.iter().all(u8::is_ascii_hexdigit));
        begins(stem) || checksum.is_some_and(|(stem, _)| begins(stem))
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

/// Returns what is before the `~` in a short name of Windows: at most eight characters, of which the last
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
    let without_last_slash = text.strip_suffix(b"/").unwrap_or(text);
    text.is_empty()
        || without_last_slash
            .split(|b| *b == b'/')
            .all(is_plain_segment)
}

fn is_plain_segment(segment: &[u8]) -> bool {
    let (Some(first), Some(last)) = (segment.first(), segment.last()) else {
        return false;
    };
    let mut has_tilde = false;
    let is_plain = segment.iter().all(|b| {
        has_tilde |= *b == b'~';
        b.is_ascii_graphic() && !matches!(b, b'%' | b'\\' | b';' | b':' | b'?' | b'#')
    });
    // `+` is a space, to who reads forms.
    is_plain
        && *first != b'+'
        && !matches!(last, b'.' | b'+')
        && !(has_tilde && short_name(segment).is_some())
}

/// Returns whether a segment is a parameter in a route of axum, `{team}`.
pub(crate) fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{') && !segment.starts_with("{{")
}

/// Returns what is between the slashes; nothing for `/`.
pub(super) fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let rest = path.strip_prefix(b"/").unwrap_or(path);
    rest.split(|b| *b == b'/').filter(|_| !rest.is_empty())
}

/// Returns whether it is written in one way alone. What is encoded may be a letter: a name with a space, or one in
/// Chinese.
pub(super) fn is_unambiguous(path: &[u8]) -> bool {
    let mut rest = path;
    while let Some((&b, after)) = rest.split_first() {
        let (b, after) = match b {
            b'%' => match escaped(after) {
                // Nothing that means something in a path.
                Some(b) if b"/\\%.;:".contains(&b) || b.is_ascii_control() => return false,
                Some(_) => (b'x', &after[2..]),
                None => return false,
            },
            b'\\' | b';' => return false,
            b => (b, after),
        };
        if !b.is_ascii_graphic() {
            return false;
        }
        rest = after;
    }
    let is_segment = |segment: &[u8]| !matches!(segment, b"" | b"." | b"..");
    let without_last_slash = path.strip_suffix(b"/").unwrap_or(path);
    path.starts_with(b"/") && segments(without_last_slash).all(is_segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_for_another_by_eight_characters_of_which_the_last_are_a_number() {
        for (name, stem) in [
            ("PROGRA~1", Some("PROGRA")),
            ("pr3af0~12.txt", None),
            ("pr3af~12.txt", Some("pr3af")),
            ("admin~", None),
            ("admin~x", None),
            ("admin~1.html", None),
            ("\u{e4}dministr~1", None),
            // Characters count, and not bytes.
            (
                "\u{e4}\u{e4}\u{e4}\u{e4}~1",
                Some("\u{e4}\u{e4}\u{e4}\u{e4}"),
            ),
        ] {
            let found = short_name(name.as_bytes());
            assert_eq!(found, stem.map(str::as_bytes), "{name}");
        }
    }

    #[test]
    fn a_number_behind_a_tilde_is_plain_where_no_short_name_is_so_long() {
        assert!(is_plain_text(b"a-longer-name~1"));
        assert!(is_plain_text(b"admin~x1"));
        assert!(!is_plain_text(b"admin~1"));
    }

    #[test]
    fn a_path_is_plain_where_no_segment_can_be_read_in_two_ways() {
        for plain in ["", "a", "a/", "a/b.c/~d", "a+b/c.d", "a~b/1", "{a}|\"!"] {
            assert!(is_plain_text(plain.as_bytes()), "{plain}");
        }
        for other in [
            "/",
            "a//",
            "/a",
            "a//b",
            ".",
            "a/..",
            "a./b",
            "a+/b",
            "+a",
            "a/+b",
            "a+",
            "a/b.",
            "a%b",
            "a\\b",
            "a;b",
            "a:b",
            "a?b",
            "a#b",
            "a b",
            "\u{e4}",
            "a/ADMIN~1",
            "a\u{7f}",
        ] {
            assert!(!is_plain_text(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_path_of_more_pieces_than_anybody_needs_is_not_read() {
        let path = |slashes: usize| "/a%20".repeat(slashes);
        assert!(Readings::of(path(MOST_PIECES).as_bytes(), 0).is_some());
        assert!(Readings::of(path(MOST_PIECES + 1).as_bytes(), 0).is_none());
    }

    #[test]
    fn a_parameter_is_one_in_the_route_alone() {
        let Readings(pieces) = Readings::of(b"/{team}/{admin}", 1).unwrap();
        let are_any: Vec<bool> = pieces.iter().map(|it| it.is_any).collect();
        assert_eq!(are_any, [true, false]);
    }
}
