//! Which of the known spellings was meant.

/// The longest text, in bytes, of which spellings are compared. Longer ones are equal or far apart.
const LONGEST: usize = crate::limit::NAME;

/// Returns the place of the known spelling with the fewest edits from `found`, where those are no more
/// than a third of its length. Of several, the first in the order of their bytes.
#[must_use]
pub const fn nearest(known: &[&str], found: &str) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    let mut i = 0;
    while i < known.len() {
        let edits = distance(known[i].as_bytes(), found.as_bytes());
        let is_better = match best {
            None => true,
            Some((at, fewest)) => {
                edits < fewest
                    || (edits == fewest && is_before(known[i].as_bytes(), known[at].as_bytes()))
            }
        };
        if edits * 3 <= known[i].len() + 1 && is_better {
            best = Some((i, edits));
        }
        i += 1;
    }
    match best {
        Some((at, _)) => Some(at),
        None => None,
    }
}

/// Returns the place of the spelling that is the same to the byte.
#[must_use]
pub const fn position(known: &[&str], found: &str) -> Option<usize> {
    let mut i = 0;
    while i < known.len() {
        if is_same(known[i].as_bytes(), found.as_bytes()) {
            return Some(i);
        }
        i += 1;
    }
    None
}

/// Counts the edits between two texts: bytes put in, taken out, replaced, and neighbours exchanged
/// (optimal string alignment), one row at a time.
const fn distance(a: &[u8], b: &[u8]) -> usize {
    if a.len() > LONGEST || b.len() > LONGEST {
        return if is_same(a, b) { 0 } else { usize::MAX / 4 };
    }
    let mut before = [0; LONGEST + 1];
    let mut row = [0; LONGEST + 1];
    let mut j = 0;
    while j <= b.len() {
        row[j] = j;
        j += 1;
    }
    let mut i = 0;
    while i < a.len() {
        let two_before = before;
        before = row;
        row[0] = i + 1;
        let mut j = 0;
        while j < b.len() {
            let replaced = before[j] + (a[i] != b[j]) as usize;
            let mut fewest = min(replaced, min(row[j], before[j + 1]) + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                fewest = min(fewest, two_before[j - 1] + 1);
            }
            row[j + 1] = fewest;
            j += 1;
        }
        i += 1;
    }
    row[b.len()]
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && !is_before(a, b) && !is_before(b, a)
}

const fn is_before(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() {
        if a[i] != b[i] {
            return a[i] < b[i];
        }
        i += 1;
    }
    a.len() < b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(distance(b"abc", b""), 3);
        assert_eq!(distance(b"same", b"same"), 0);
        assert_eq!(distance(b"scoep", b"scope"), 1);
    }

    #[test]
    fn what_is_near_enough_was_meant() {
        const KNOWN: &[&str] = &["openid", "admin", "admit"];
        assert_eq!(nearest(KNOWN, "admn"), Some(1));
        assert_eq!(nearest(KNOWN, "admix"), Some(1));
        assert_eq!(nearest(KNOWN, "billing"), None);
        assert_eq!(nearest(&[], "admin"), None);
    }

    #[test]
    fn a_long_text_is_the_same_or_far_away() {
        let long = "a".repeat(LONGEST + 1);
        assert_eq!(nearest(&[&long], &long), Some(0));
        assert_eq!(nearest(&[&long], &long[1..]), None);
    }

    #[test]
    fn a_place_is_found_while_compiling() {
        const AT: Option<usize> = position(&["openid", "admin"], "admin");
        assert_eq!(AT, Some(1));
        assert_eq!(position(&["openid"], "openi"), None);
    }
}
