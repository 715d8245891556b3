//! Whether patterns together have all paths of another, exactly.

use crate::pattern::Pattern;

/// The most steps that are taken. Patterns as apps have them need as many as they have segments.
const MOST: usize = 1 << 14;

/// Returns whether each path of this pattern is one of the others, of these together. `false` also where that
/// takes more than [`MOST`] steps: then patterns are compared in pairs alone.
pub(crate) fn is_covered(pattern: &Pattern<'_>, others: &[Pattern<'_>]) -> bool {
    others.iter().any(|other| other.covers(pattern)) || {
        let others: Vec<Read<'_>> = others.iter().map(Read::of).collect();
        let mut left = MOST;
        have_all_below(
            &Read::of(pattern),
            &others.iter().collect::<Vec<_>>(),
            0,
            &mut left,
        ) == Some(true)
    }
}

/// Returns the fewest of these that cover the pattern, by their places. Empty: they do not.
pub(crate) fn covering(pattern: &Pattern<'_>, others: &[Pattern<'_>]) -> Vec<usize> {
    if let Some(alone) = others.iter().position(|other| other.covers(pattern)) {
        return vec![alone];
    }
    if !is_covered(pattern, others) {
        return Vec::new();
    }
    let mut kept: Vec<usize> = (0..others.len()).collect();
    let mut at = kept.len();
    // The first stay, if they do as well as those after them.
    while at > 0 {
        at -= 1;
        let without = |place: &usize| *place != kept[at];
        let rest = kept.iter().copied().filter(without).collect::<Vec<_>>();
        let patterns: Vec<Pattern<'_>> = rest.iter().map(|place| others[*place]).collect();
        if is_covered(pattern, &patterns) {
            kept = rest;
        }
    }
    kept
}

/// A pattern, with its segments apart.
struct Read<'t> {
    segments: Vec<&'t str>,
    is_tree: bool,
}

impl<'t> Read<'t> {
    fn of(pattern: &Pattern<'t>) -> Self {
        Self {
            segments: pattern.segments().collect(),
            is_tree: pattern.is_tree(),
        }
    }

    /// Returns whether a path of this pattern may go on with this segment. `None`: one that no pattern names.
    fn goes_on(&self, at: usize, segment: Option<&str>) -> bool {
        match self.segments.get(at) {
            Some(&"*") => true,
            Some(mine) => segment.is_some_and(|it| it.eq_ignore_ascii_case(mine)),
            None => self.is_tree,
        }
    }
}

/// Returns whether the others have each path of the pattern, of those that begin with some segments. `alive` are those
/// with paths that begin with these; `at` is their number. `None`: that takes too long.
fn have_all_below(
    pattern: &Read<'_>,
    alive: &[&Read<'_>],
    at: usize,
    left: &mut usize,
) -> Option<bool> {
    *left = left.checked_sub(1)?;
    if alive.iter().any(|it| it.is_tree && it.segments.len() <= at) {
        return Some(true);
    }
    if alive.is_empty() {
        return Some(false);
    }
    let ends = pattern.segments.len() <= at;
    // The path that has no more segments.
    if ends && !alive.iter().any(|it| it.segments.len() == at) {
        return Some(false);
    }
    if ends && !pattern.is_tree {
        return Some(true);
    }
    // Where no pattern names the next segment, all of them are like any other.
    let named = alive.iter().filter_map(|it| it.segments.get(at).copied());
    let mut next: Vec<Option<&str>> = match pattern.segments.get(at) {
        Some(&literal) if literal != "*" => vec![Some(literal)],
        _ => named
            .filter(|it| *it != "*")
            .map(Some)
            .chain([None])
            .collect(),
    };
    while let Some(segment) = next.pop() {
        next.retain(|it| !matches!((it, segment), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b)));
        let on = alive.iter().copied().filter(|it| it.goes_on(at, segment));
        if !have_all_below(pattern, &on.collect::<Vec<_>>(), at + 1, left)? {
            return Some(false);
        }
    }
    Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::parse(text).unwrap()
    }

    fn patterns<'t>(texts: &[&'t str]) -> Vec<Pattern<'t>> {
        texts.iter().map(|text| pattern(text)).collect()
    }

    #[test]
    fn patterns_cover_together_what_none_covers_alone() {
        for (covered, by, fewest) in [
            ("/a/**", &["/a", "/a/*/**"][..], &[0, 1][..]),
            ("/**", &["/", "/x", "/*", "/*/*/**"], &[0, 2, 3]),
            ("/*/**", &["/*", "/*/*", "/*/*/*/**"], &[0, 1, 2]),
            ("/a/*/**", &["/a/*", "/x/**", "/*/*/*/**"], &[0, 2]),
            ("/a/**", &["/a", "/a/*", "/A/**"], &[2]),
            ("/a/b", &["/x", "/*/b", "/a/*"], &[1]),
        ] {
            let by = patterns(by);
            assert_eq!(covering(&pattern(covered), &by), fewest, "{covered}");
        }
        for (other, by) in [
            ("/a/**", &["/a", "/a/*"][..]),
            ("/a/**", &["/a/*/**"]),
            ("/a/**", &["/a", "/a/b/**"]),
            ("/*", &["/a", "/b"]),
            ("/*/b/**", &["/a/**", "/*/b/c/**"]),
            ("/", &[]),
        ] {
            let by = patterns(by);
            assert_eq!(covering(&pattern(other), &by), [0; 0], "{other}");
        }
    }

    /// Numbers that look like chance and are the same in each run.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, end: u64) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ((self.0 >> 33) % end) as usize
        }

        fn pattern(&mut self) -> String {
            let segments = (0..self.below(4)).map(|_| ["/a", "/b", "/*", "/*"][self.below(4)]);
            let text: String = segments.collect();
            match self.below(2) {
                0 => text + "/**",
                _ if text.is_empty() => "/".to_owned(),
                _ => text,
            }
        }
    }

    #[test]
    fn what_it_says_is_what_every_path_says() {
        // One segment more than a pattern has, and one word more than they name.
        let mut paths: Vec<Vec<&[u8]>> = vec![Vec::new()];
        for at in 0.. {
            let Some(path) = paths.get(at).filter(|path| path.len() < 4) else {
                break;
            };
            let path = path.clone();
            paths.extend(["a", "b", "c"].map(|it| [&path[..], &[it.as_bytes()]].concat()));
        }
        let has = |pattern: &Pattern<'_>, path: &Vec<&[u8]>| {
            let is_one = |mine: &str, it: &[u8]| mine == "*" || mine.as_bytes() == it;
            pattern.matches(path.iter().copied(), is_one)
        };
        let mut chance = Chance(3);
        let mut seen = [0; 2];
        for _ in 0..8000 {
            let count = chance.below(9) + 1;
            let texts: Vec<String> = (0..=count).map(|_| chance.pattern()).collect();
            let all: Vec<Pattern<'_>> = texts.iter().map(|text| pattern(text)).collect();
            let (one, others) = (&all[0], &all[1..]);
            let is_in = |path: &&Vec<&[u8]>| has(one, path);
            let mut within = paths.iter().filter(is_in);
            let expected = within.all(|path| others.iter().any(|it| has(it, path)));
            assert_eq!(is_covered(one, others), expected, "{texts:?}");
            let by = covering(one, others);
            assert_eq!(!by.is_empty(), expected, "{texts:?}");
            for without in &by {
                let rest = by.iter().filter(|it| *it != without);
                let rest: Vec<Pattern<'_>> = rest.map(|it| others[*it]).collect();
                assert!(!is_covered(one, &rest), "{texts:?} {by:?}");
            }
            seen[usize::from(expected && by.len() > 1)] += 1;
        }
        assert!(seen.iter().all(|times| *times > 100), "{seen:?}");
    }

    #[test]
    fn patterns_that_take_too_long_are_compared_in_pairs() {
        let texts: Vec<String> = (0..40)
            .map(|at| {
                (0..40)
                    .map(|it| if it == at { "/a" } else { "/*" })
                    .collect()
            })
            .collect();
        let all: Vec<Pattern<'_>> = texts.iter().map(|text| pattern(text)).collect();
        let any = "/*".repeat(40);
        assert!(!is_covered(&pattern(&any), &all));
        let one = "/a".repeat(40);
        assert!(is_covered(&pattern(&one), &all));
    }
}
