//! Patterns of paths: `/users/*/edit`, `/admin/**`.

use crate::cover;
use crate::spelling;
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
        match self.covers(other) || other.covers(self) {
            true => None,
            false => self.meet(other),
        }
    }

    /// Returns the pattern of the paths that both have.
    fn meet(&self, other: &Pattern<'_>) -> Option<String> {
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

    /// Returns this pattern, and how many segments differ, where another spelling of them puts it among the
    /// paths of a rule.
    fn mended(&self, rule: &Pattern<'_>) -> Option<(usize, String)> {
        let mut mended = String::new();
        let mut differing = 0;
        let mut expected = rule.segments();
        for mine in self.segments() {
            mended.push('/');
            let literal = expected.next().filter(|it| *it != "*" && mine != "*");
            match literal.filter(|it| !it.eq_ignore_ascii_case(mine)) {
                Some(literal) => {
                    spelling::nearest(&[literal], mine)?;
                    differing += 1;
                    mended.push_str(literal);
                }
                None => mended.push_str(mine),
            }
        }
        if self.is_tree {
            mended.push_str("/**");
        }
        let lies_in_it = Pattern::parse(&mended).is_ok_and(|it| it.meet(rule).is_some());
        lies_in_it.then_some((differing, mended))
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
    /// A rule that is never asked: each of its paths is one of earlier rules.
    NeverAsked {
        /// The later one.
        rule: usize,
        /// The earlier ones, none of which could be left out.
        earlier: Vec<usize>,
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
    /// A public pattern whose paths are all public by earlier ones.
    PublicTwice {
        /// The later one.
        public: usize,
        /// The earlier ones, none of which could be left out.
        earlier: Vec<usize>,
    },
    /// A public pattern that leaves nothing of a rule.
    OpensAll {
        /// The public pattern.
        public: usize,
        /// The rule.
        rule: usize,
        /// The rules before that one which take a part of it.
        before: Vec<usize>,
        /// The public patterns before this one which open a part of it.
        earlier: Vec<usize>,
    },
    /// A public pattern that opens nothing: no rule has any of its paths.
    OpensNothing {
        /// The public pattern.
        public: usize,
        /// What may have been meant.
        meant: Option<String>,
    },
}

/// Finds what is wrong with rules, of which the first that matches decides, and with the patterns that
/// are public whatever the rules say: one mistake for each pattern at most.
#[must_use]
pub fn mistakes(protect: &[Pattern<'_>], public: &[Pattern<'_>]) -> Vec<Mistake> {
    let rules = protect.iter().enumerate();
    let mut mistakes: Vec<Mistake> = rules
        .filter_map(|(rule, pattern)| mistake(&protect[..rule], pattern))
        .collect();
    let opened: Vec<Mistake> = (0..protect.len())
        .filter_map(|rule| opened(protect, rule, public))
        .collect();
    for (at, pattern) in public.iter().enumerate() {
        let earlier = cover::covering(pattern, &public[..at]);
        let opens_all =
            |it: &&Mistake| matches!(it, Mistake::OpensAll { public, .. } if *public == at);
        if !earlier.is_empty() {
            mistakes.push(Mistake::PublicTwice {
                public: at,
                earlier,
            });
        } else if let Some(opens_all) = opened.iter().find(opens_all) {
            mistakes.push(opens_all.clone());
        } else if !protect.is_empty() && !protect.iter().any(|rule| rule.meet(pattern).is_some()) {
            let meant = protect.iter().filter_map(|rule| pattern.mended(rule));
            let meant = meant.min_by_key(|(differing, _)| *differing);
            mistakes.push(Mistake::OpensNothing {
                public: at,
                meant: meant.map(|(_, meant)| meant),
            });
        }
    }
    mistakes
}

/// Returns the mistake of a rule behind those before it.
fn mistake(before: &[Pattern<'_>], pattern: &Pattern<'_>) -> Option<Mistake> {
    let rule = before.len();
    match cover::covering(pattern, before)[..] {
        [] => {}
        [earlier] if pattern.covers(&before[earlier]) => {
            return Some(Mistake::ProtectedTwice { rule, earlier });
        }
        ref earlier => {
            let earlier = earlier.to_vec();
            return Some(Mistake::NeverAsked { rule, earlier });
        }
    }
    before.iter().enumerate().find_map(|(earlier, it)| {
        let both = it.crosses(pattern)?;
        let is_decided =
            Pattern::parse(&both).is_ok_and(|both| cover::is_covered(&both, &before[..earlier]));
        (!is_decided).then_some(Mistake::Undecided {
            rule,
            earlier,
            both,
        })
    })
}

/// Returns the mistake of the public pattern that opens what is left of a rule.
fn opened<'t>(protect: &[Pattern<'t>], rule: usize, public: &[Pattern<'t>]) -> Option<Mistake> {
    let all = [&protect[..rule], public].concat();
    let is_left_by = |public: usize| !cover::is_covered(&protect[rule], &all[..rule + public]);
    if !is_left_by(0) || is_left_by(public.len()) {
        return None;
    }
    let at = (0..public.len()).find(|at| !is_left_by(at + 1))?;
    let by = cover::covering(&protect[rule], &all[..=rule + at]);
    let (before, earlier): (Vec<usize>, Vec<usize>) = by.into_iter().partition(|it| *it < rule);
    let earlier = earlier.into_iter().map(|it| it - rule);
    Some(Mistake::OpensAll {
        public: at,
        rule,
        before,
        earlier: earlier.filter(|it| *it != at).collect(),
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
                    earlier: vec![0]
                },
                ProtectedTwice {
                    rule: 2,
                    earlier: 0
                },
                OpensAll {
                    public: 0,
                    rule: 3,
                    before: vec![],
                    earlier: vec![]
                },
                PublicTwice {
                    public: 1,
                    earlier: vec![0]
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

    #[test]
    fn what_several_patterns_do_together_is_a_mistake_too() {
        use Mistake::*;

        let found =
            |protect: &[&str], public: &[&str]| mistakes(&patterns(protect), &patterns(public));
        assert_eq!(
            found(&["/a", "/b", "/a/*/**", "/a/**"], &["/b/x/y"]),
            [
                NeverAsked {
                    rule: 3,
                    earlier: vec![0, 2]
                },
                OpensNothing {
                    public: 0,
                    meant: None
                },
            ]
        );
        assert_eq!(
            found(&["/a", "/a/**"], &["/a/x", "/a/*/**"]),
            [OpensAll {
                public: 1,
                rule: 1,
                before: vec![0],
                earlier: vec![]
            }]
        );
        assert_eq!(
            found(&["/a/**"], &["/a", "/x", "/a/*/**", "/A/b"]),
            [
                OpensNothing {
                    public: 1,
                    meant: None
                },
                OpensAll {
                    public: 2,
                    rule: 0,
                    before: vec![],
                    earlier: vec![0]
                },
                PublicTwice {
                    public: 3,
                    earlier: vec![2]
                },
            ]
        );
        // Two rules before those that cross decide together.
        assert_eq!(found(&["/a/b", "/a/b/*/**", "/*/b/**", "/a/**"], &[]), []);
        assert_eq!(found(&["/a/**"], &["/a", "/a/*"]), []);
        assert_eq!(found(&["/a/**"], &["/*/x"]), []);
    }

    #[test]
    fn a_public_pattern_in_no_rule_is_told_the_one_that_was_meant() {
        for (protect, public, meant) in [
            (&["/admin/**"][..], "/amdin/health", Some("/admin/health")),
            (&["/api/**", "/admin/**"], "/admn/**", Some("/admin/**")),
            (
                &["/admin/users/*"],
                "/admin/user/me",
                Some("/admin/users/me"),
            ),
            (&["/admin/**"], "/health", None),
            (&["/admin/*"], "/admin", None),
        ] {
            let public = patterns(&[public]);
            let meant = meant.map(ToOwned::to_owned);
            let expected = Mistake::OpensNothing { public: 0, meant };
            assert_eq!(mistakes(&patterns(protect), &public), [expected]);
        }
    }
}
