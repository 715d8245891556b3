//! Patterns of paths: `/users/*/edit`, `/admin/**`.

use crate::text::{self, Reason, Verdict};

/// A pattern of paths: literal segments; `*` for any one; `**` at the end for what lies below, and for
/// the path itself. Letters are of either case: behind some routers they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern<'t> {
    /// The segments without the slash before them and without `**`.
    segments: &'t str,
    is_tree: bool,
}

impl<'t> Pattern<'t> {
    /// Every path: `/**`.
    pub const EVERYWHERE: Self = Self {
        segments: "",
        is_tree: true,
    };

    /// Parses a pattern.
    ///
    /// # Errors
    ///
    /// What does not begin with `/`, has an empty segment, `.` or `..` as one, `*` as a part of one,
    /// `**` before its end, or a character that `base_path` may not have either (but `,`).
    pub fn parse(text: &'t str) -> Verdict<Self> {
        text::not_blank(text)?;
        let rest = text.strip_prefix('/').ok_or(Reason::NoLeadingSlash)?;
        if rest == "**" {
            return Ok(Self::EVERYWHERE);
        }
        if text.contains("//") {
            return Err(Reason::DoubleSlash);
        }
        let above = rest.strip_suffix("/**");
        let pattern = Self {
            segments: above.unwrap_or(rest),
            is_tree: above.is_some(),
        };
        for segment in pattern.segments() {
            match segment {
                "*" => {}
                "**" => return Err(Reason::StarsNotLast),
                it if it.contains('*') => return Err(Reason::PartOfSegment),
                _ => {}
            }
        }
        if !rest.is_empty() {
            text::segments(&pattern.segments.replace([',', '*'], "-"))?;
        }
        Ok(pattern)
    }

    /// Returns whether it ends with `**`.
    #[inline]
    #[must_use]
    pub const fn is_tree(&self) -> bool {
        self.is_tree
    }

    /// Returns the segments, without `**`.
    #[inline]
    pub fn segments(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.segments.split('/').filter(|it| !it.is_empty())
    }

    /// Returns whether a path, in its segments, is one of this pattern. `is_one` compares a segment of
    /// the pattern with one of the path.
    pub fn matches<'p>(
        &self,
        mut path: impl Iterator<Item = &'p [u8]>,
        is_one: impl Fn(&str, &[u8]) -> bool,
    ) -> bool {
        for expected in self.segments() {
            match path.next() {
                Some(segment) if is_one(expected, segment) => {}
                _ => return false,
            }
        }
        self.is_tree || path.next().is_none()
    }

    /// Returns whether each path of the other is one of this, too.
    #[must_use]
    pub fn covers(&self, other: &Pattern<'_>) -> bool {
        let mut theirs = other.segments();
        for mine in self.segments() {
            let Some(their) = theirs.next() else {
                return false;
            };
            if mine != "*" && !mine.eq_ignore_ascii_case(their) {
                return false;
            }
        }
        self.is_tree || (!other.is_tree && theirs.next().is_none())
    }

    /// Returns the pattern of the paths that both have, if there are any and neither has all of the
    /// other's.
    fn crosses(&self, other: &Pattern<'_>) -> Option<String> {
        if self.covers(other) || other.covers(self) {
            return None;
        }
        let (mut mine, mut theirs) = (self.segments(), other.segments());
        let mut both = String::new();
        loop {
            let segment = match (mine.next(), theirs.next()) {
                (None, None) => break,
                (Some(segment), None) if other.is_tree => segment,
                (None, Some(segment)) if self.is_tree => segment,
                (Some("*"), Some(segment)) | (Some(segment), Some("*")) => segment,
                (Some(one), Some(other)) if one.eq_ignore_ascii_case(other) => one,
                _ => return None,
            };
            both.push('/');
            both.push_str(segment);
        }
        if self.is_tree && other.is_tree {
            both.push_str("/**");
        }
        Some(both)
    }
}

/// A mistake in `protect(...)` and `public(...)` as a whole. Each number is the place of a pattern in its
/// list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mistake {
    /// A rule that has the same paths as an earlier one.
    ProtectedTwice {
        /// The later one.
        rule: usize,
        /// The earlier one.
        earlier: usize,
    },
    /// A rule that is never asked: each of its paths is one of an earlier rule.
    NeverAsked {
        /// The later one.
        rule: usize,
        /// The earlier one.
        earlier: usize,
    },
    /// Two rules with paths in common. Neither lies within the other, and no rule before them decides.
    Undecided {
        /// The later one.
        rule: usize,
        /// The earlier one.
        earlier: usize,
        /// The pattern of the paths that both have.
        both: String,
    },
    /// A public pattern whose paths are all public by an earlier one.
    PublicTwice {
        /// The later one.
        public: usize,
        /// The earlier one.
        earlier: usize,
    },
    /// A public pattern that leaves nothing of a rule.
    OpensAll {
        /// The public pattern.
        public: usize,
        /// The rule.
        rule: usize,
    },
}

/// Finds what is wrong with rules, of which the first that matches decides, and with the patterns that
/// are public whatever the rules say: one mistake for each pattern at most.
#[must_use]
pub fn mistakes(protect: &[Pattern<'_>], public: &[Pattern<'_>]) -> Vec<Mistake> {
    let rules = protect.iter().enumerate();
    let rules = rules.filter_map(|(rule, pattern)| mistake(&protect[..rule], pattern));
    let opened = public.iter().enumerate().filter_map(|(at, pattern)| {
        let earlier = public[..at].iter().position(|it| it.covers(pattern));
        let swallowed = protect.iter().position(|it| pattern.covers(it));
        match (earlier, swallowed) {
            (Some(earlier), _) => Some(Mistake::PublicTwice {
                public: at,
                earlier,
            }),
            (None, Some(rule)) => Some(Mistake::OpensAll { public: at, rule }),
            (None, None) => None,
        }
    });
    rules.chain(opened).collect()
}

/// Returns the mistake of a rule behind those before it.
fn mistake(before: &[Pattern<'_>], pattern: &Pattern<'_>) -> Option<Mistake> {
    let rule = before.len();
    if let Some(earlier) = before.iter().position(|it| it.covers(pattern)) {
        return Some(match pattern.covers(&before[earlier]) {
            true => Mistake::ProtectedTwice { rule, earlier },
            false => Mistake::NeverAsked { rule, earlier },
        });
    }
    before.iter().enumerate().find_map(|(earlier, it)| {
        let both = it.crosses(pattern)?;
        let is_decided = Pattern::parse(&both)
            .is_ok_and(|both| before[..earlier].iter().any(|it| it.covers(&both)));
        (!is_decided).then_some(Mistake::Undecided {
            rule,
            earlier,
            both,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns<'t>(texts: &[&'t str]) -> Vec<Pattern<'t>> {
        let patterns = texts.iter().map(|text| Pattern::parse(text).unwrap());
        patterns.collect()
    }

    #[test]
    fn a_pattern_covers_those_that_have_no_path_more() {
        let covers = |one, other| {
            let pattern = |text| Pattern::parse(text).unwrap();
            pattern(one).covers(&pattern(other))
        };
        for (one, other) in [
            ("/**", "/"),
            ("/**", "/**"),
            ("/a/**", "/a"),
            ("/a/**", "/A/*/c"),
            ("/a/*", "/a/b"),
            ("/*/**", "/a/**"),
            ("/a/**", "/a/b/**"),
        ] {
            assert!(covers(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("/", "/**"),
            ("/a", "/a/**"),
            ("/a/*", "/a"),
            ("/a/*", "/a/**"),
            ("/a/b", "/a/*"),
            ("/*/**", "/**"),
            ("/a/b/**", "/a/**"),
        ] {
            assert!(!covers(one, other), "{one} {other}");
        }
    }

    #[test]
    fn patterns_cross_that_have_paths_in_common_and_others_too() {
        let crosses = |one, other| {
            let pattern = |text| Pattern::parse(text).unwrap();
            let both = pattern(one).crosses(&pattern(other));
            assert_eq!(both, pattern(other).crosses(&pattern(one)), "{one} {other}");
            both
        };
        for (one, other, both) in [
            ("/*/export", "/admin/**", "/admin/export"),
            ("/*/admin/**", "/x/**", "/x/admin/**"),
            ("/a/*", "/*/b", "/a/b"),
            ("/*", "/a/**", "/a"),
            ("/*/b/*", "/a/**", "/a/b/*"),
        ] {
            assert_eq!(crosses(one, other).as_deref(), Some(both), "{one} {other}");
        }
        for (one, other) in [
            ("/a/b", "/a/**"),
            ("/a/**", "/**"),
            ("/a/**", "/b/**"),
            ("/*/b", "/a/c"),
            ("/*/b", "/a/b/c"),
            ("/*/b", "/a/*/c/**"),
        ] {
            assert_eq!(crosses(one, other), None, "{one} {other}");
        }
    }

    #[test]
    fn rules_that_are_never_asked_or_leave_nothing_are_mistakes() {
        use Mistake::*;

        let found =
            |protect: &[&str], public: &[&str]| mistakes(&patterns(protect), &patterns(public));
        assert_eq!(
            found(
                &["/app/**", "/APP/*", "/app/**", "/assets/private"],
                &["/assets/*", "/assets/x", "/app/open"]
            ),
            [
                NeverAsked {
                    rule: 1,
                    earlier: 0
                },
                ProtectedTwice {
                    rule: 2,
                    earlier: 0
                },
                OpensAll { public: 0, rule: 3 },
                PublicTwice {
                    public: 1,
                    earlier: 0
                },
            ]
        );
        let both = "/admin/export".to_owned();
        let (rule, earlier) = (1, 0);
        let crossing = Undecided {
            rule,
            earlier,
            both,
        };
        assert_eq!(found(&["/*/export", "/admin/**"], &[]), [crossing]);
        for good in [
            ["/admin/export", "/*/export", "/admin/**"],
            ["/admin/export", "/admin/**", "/**"],
        ] {
            assert_eq!(found(&good, &["/admin/health"]), []);
        }
    }
}
