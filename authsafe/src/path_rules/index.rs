//! Finds the first of many patterns that a path is of, segment by segment: not one pattern after the other.

use core::cmp::Ordering;

use authsafe_rules::pattern::Pattern;

/// How two segments are compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Letters {
    /// Byte by byte.
    Exact,
    /// Of either case (ASCII).
    OfEitherCase,
}

/// Patterns by their segments, each under its place in the order written.
#[derive(Debug)]
pub(super) struct Index {
    letters: Letters,
    root: Node,
}

/// What the patterns with the same beginning have in common.
#[derive(Debug, Default)]
struct Node {
    /// By their next segment, in its order.
    literal: Vec<(&'static str, Node)>,
    /// Those with `*` next.
    any: Option<Box<Node>>,
    /// The first one that ends here.
    end: Option<usize>,
    /// The first one that ends here with `**`.
    tree: Option<usize>,
}

impl Index {
    pub(super) fn new<'p>(
        letters: Letters,
        patterns: impl IntoIterator<Item = &'p Pattern<'static>>,
    ) -> Self {
        let mut root = Node::default();
        for (place, pattern) in patterns.into_iter().enumerate() {
            let mut node = &mut root;
            for segment in pattern.segments() {
                node = node.below(segment, letters);
            }
            let first = if pattern.is_tree() {
                &mut node.tree
            } else {
                &mut node.end
            };
            first.get_or_insert(place);
        }
        Self { letters, root }
    }

    /// Returns the place of the first pattern that a path is of. `*` is a segment with something in it.
    pub(super) fn first<'p>(&self, path: impl Iterator<Item = &'p [u8]> + Clone) -> Option<usize> {
        self.root.first(path, self.letters)
    }
}

impl Node {
    fn below(&mut self, segment: &'static str, letters: Letters) -> &mut Self {
        if segment == "*" {
            return self.any.get_or_insert_default();
        }
        let at = match self.find(segment.as_bytes(), letters) {
            Ok(at) => at,
            Err(at) => {
                self.literal.insert(at, (segment, Self::default()));
                at
            }
        };
        // It was found there, or put there.
        &mut self.literal[at].1
    }

    fn find(&self, segment: &[u8], letters: Letters) -> Result<usize, usize> {
        let in_order = |(it, _): &(&str, _)| letters.compare(it.as_bytes(), segment);
        self.literal.binary_search_by(in_order)
    }

    fn first<'p>(
        &self,
        mut path: impl Iterator<Item = &'p [u8]> + Clone,
        letters: Letters,
    ) -> Option<usize> {
        let Some(segment) = path.next() else {
            return earlier(self.tree, self.end);
        };
        let literal = self.find(segment, letters).ok();
        let literal = literal.and_then(|at| self.literal[at].1.first(path.clone(), letters));
        let any = self.any.as_ref().filter(|_| !segment.is_empty());
        let any = any.and_then(|node| node.first(path, letters));
        earlier(self.tree, earlier(literal, any))
    }
}

impl Letters {
    fn compare(self, one: &[u8], other: &[u8]) -> Ordering {
        match self {
            Self::Exact => one.cmp(other),
            Self::OfEitherCase => {
                let (one, other) = (one.iter(), other.iter());
                one.map(u8::to_ascii_lowercase)
                    .cmp(other.map(u8::to_ascii_lowercase))
            }
        }
    }
}

fn earlier(one: Option<usize>, other: Option<usize>) -> Option<usize> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEGMENTS: [&str; 7] = ["a", "b", "A", "ab", "*", "Ab", "a"];

    /// Texts of up to four segments, each by its number.
    fn text(mut number: usize) -> String {
        let mut text = String::new();
        for _ in 0..number % 5 {
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1)
                >> 3;
            text.push('/');
            text.push_str(SEGMENTS[number % SEGMENTS.len()]);
        }
        text
    }

    fn pattern(number: usize) -> Pattern<'static> {
        let tree = if number.is_multiple_of(3) { "/**" } else { "" };
        let text = format!("{}{tree}", text(number)).leak();
        Pattern::parse(if text.is_empty() { "/" } else { text }).unwrap()
    }

    #[test]
    fn what_is_found_is_the_first_that_matches() {
        for set in 0..200 {
            let patterns: Vec<_> = (0..set % 13)
                .map(|it| pattern(set * 7919 + it * 104_729))
                .collect();
            for letters in [Letters::Exact, Letters::OfEitherCase] {
                let index = Index::new(letters, &patterns);
                let is_one = |expected: &str, segment: &[u8]| match (expected, letters) {
                    ("*", _) => !segment.is_empty(),
                    (_, Letters::Exact) => expected.as_bytes() == segment,
                    _ => expected.as_bytes().eq_ignore_ascii_case(segment),
                };
                for path in 0..60 {
                    let path = text(path * 15_485_863 + set);
                    let path = path.split('/').skip(1).map(str::as_bytes);
                    let first = patterns
                        .iter()
                        .position(|it| it.matches(path.clone(), is_one));
                    assert_eq!(index.first(path), first, "{patterns:?} {letters:?}");
                }
            }
        }
    }

    #[test]
    fn a_star_is_no_segment_with_nothing_in_it() {
        let index = Index::new(Letters::Exact, &[Pattern::parse("/a/*").unwrap()]);
        let find = |path: &'static str| index.first(path.split('/').skip(1).map(str::as_bytes));
        assert_eq!(find("/a/b"), Some(0));
        assert_eq!(find("/a/"), None);
    }
}
