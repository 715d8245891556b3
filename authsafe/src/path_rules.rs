//! `protect(...)` and `public(...)`: which paths are held to which policy.
//!
//! Routers, static file services and proxies read one path in different ways: some decode it, some
//! tidy it, some neither. A rule cannot know which is behind it. So a path is held to the rule of
//! each way to read it, and is public only where there is but one.

use crate::policy::Policy;
use crate::spec::{Protect, Spec};
use crate::types::Reason;

/// A pattern of paths: `/users/*/edit`, `/admin/**`.
///
/// Literal segments; `*` is one segment, `**` at the end whatever lies below, and the path itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pattern<'t> {
    /// Without the slash before them and without `**`.
    segments: &'t str,
    /// Does it end with `**`?
    below: bool,
}

impl<'t> Pattern<'t> {
    pub(crate) fn parse(text: &'t str) -> Result<Self, Reason> {
        let rest = text
            .strip_prefix('/')
            .ok_or(Reason("does not start with `/`"))?;
        let (segments, below) = match rest.strip_suffix("**") {
            Some("") => ("", true),
            Some(before) => match before.strip_suffix('/') {
                Some(before) => (before, true),
                None => return Err(Reason("has `*` as a part of a segment")),
            },
            None => (rest, false),
        };
        let is_root = segments.is_empty() && (!below || rest == "**");
        for segment in segments.split('/').filter(|_| !is_root) {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()+,=@".contains(&b);
            match segment {
                "" => return Err(Reason("has an empty segment")),
                "." | ".." => return Err(Reason("has `.` or `..` as a segment")),
                "*" => {}
                "**" => return Err(Reason("has `**` before its end")),
                it if it.contains('*') => return Err(Reason("has `*` as a part of a segment")),
                it if !it.bytes().all(plain) => {
                    return Err(Reason("has a character that no pattern has"));
                }
                _ => {}
            }
        }
        Ok(Self { segments, below })
    }

    fn segments(&self) -> impl Iterator<Item = &'t str> {
        self.segments.split('/').filter(|it| !it.is_empty())
    }

    /// Is each path of the other one of this, too? Letters are of either case.
    pub(crate) fn covers(&self, other: &Pattern<'_>) -> bool {
        let mut theirs = other.segments();
        for mine in self.segments() {
            let Some(their) = theirs.next() else {
                return false;
            };
            if mine != "*" && !mine.eq_ignore_ascii_case(their) {
                return false;
            }
        }
        self.below || (!other.below && theirs.next().is_none())
    }

    /// The pattern of the paths that both have, if there are any and neither has all of the other's.
    fn crosses(&self, other: &Pattern<'_>) -> Option<String> {
        if self.covers(other) || other.covers(self) {
            return None;
        }
        let (mut mine, mut theirs) = (self.segments(), other.segments());
        let mut both = String::new();
        loop {
            let segment = match (mine.next(), theirs.next()) {
                (None, None) => break,
                (Some(segment), None) if other.below => segment,
                (None, Some(segment)) if self.below => segment,
                (Some("*"), Some(segment)) | (Some(segment), Some("*")) => segment,
                (Some(one), Some(other)) if one.eq_ignore_ascii_case(other) => one,
                _ => return None,
            };
            both.push('/');
            both.push_str(segment);
        }
        if self.below && other.below {
            both.push_str("/**");
        }
        Some(both)
    }

    fn matches<'p>(
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
        self.below || path.next().is_none()
    }
}

/// What the paths of an app are held to.
#[derive(Debug)]
pub(crate) struct PathRules {
    /// In the order written: of one reading of a path, the first that matches decides.
    protect: Vec<(Pattern<'static>, &'static Policy)>,
    public: Vec<Pattern<'static>>,
}

/// The policies that a request has to pass, each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Demands {
    Nothing,
    One(&'static Policy),
    /// A path that can be read in several ways, of which some are held to different rules.
    Each(Vec<&'static Policy>),
}

impl Demands {
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    pub(crate) fn policies(&self) -> impl Iterator<Item = &'static Policy> {
        let (one, each): (_, &[_]) = match self {
            Self::Nothing => (None, &[]),
            Self::One(policy) => (Some(*policy), &[]),
            Self::Each(policies) => (None, policies),
        };
        one.into_iter().chain(each.iter().copied())
    }
}

impl PathRules {
    /// The rules of a spec; every mistake in them, with the key that it is in.
    pub(crate) fn new(spec: &Spec) -> Result<Self, Vec<(&'static str, String)>> {
        let mut problems = Vec::new();
        let mut pattern = |key, text| {
            let parsed = Pattern::parse(text);
            parsed
                .map_err(|Reason(reason)| problems.push((key, format!("{text:?} {reason}"))))
                .ok()
        };
        let protect = spec.protect.iter();
        let protect: Vec<(Pattern<'_>, &Protect)> = protect
            .filter_map(|rule| Some((pattern("protect", rule.path)?, rule)))
            .collect();
        let public: Vec<(Pattern<'_>, &str)> = spec
            .public
            .iter()
            .filter_map(|text| Some((pattern("public", text)?, *text)))
            .collect();
        for (at, (pattern, rule)) in protect.iter().enumerate() {
            let Protect { path, .. } = rule;
            let earlier = protect[..at].iter().find(|it| it.0.covers(pattern));
            if let Some((_, earlier)) = earlier {
                let what = format!("{path:?} is never asked: {:?} is before it", earlier.path);
                problems.push(("protect", what));
            }
            for (place, (earlier, rule)) in protect[..at].iter().enumerate() {
                let Some(both) = earlier.crosses(pattern) else {
                    continue;
                };
                let decided = Pattern::parse(&both)
                    .is_ok_and(|both| protect[..place].iter().any(|it| it.0.covers(&both)));
                if !decided {
                    let earlier = rule.path;
                    let what = format!(
                        "{path:?} and {earlier:?} both have {both:?}, for which no rule is before them"
                    );
                    problems.push(("protect", what));
                }
            }
            if let Some((_, open)) = public.iter().find(|it| it.0.covers(pattern)) {
                problems.push(("public", format!("{open:?} opens all of {path:?}")));
            }
        }
        if problems.is_empty() {
            Ok(Self {
                protect: protect
                    .iter()
                    .map(|(pattern, rule)| (*pattern, &rule.when))
                    .collect(),
                public: public.iter().map(|(pattern, _)| *pattern).collect(),
            })
        } else {
            Err(problems)
        }
    }

    /// Where rules cannot be read, each path is protected.
    pub(crate) fn closed() -> Self {
        let everywhere = Pattern {
            segments: "",
            below: true,
        };
        Self {
            protect: vec![(everywhere, &Policy::SignedIn)],
            public: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.protect.is_empty()
    }

    /// What a request for this path has to pass; the path as it came, without its query.
    pub(crate) fn demands(&self, path: &str) -> Demands {
        let path = path.as_bytes();
        let is_plain = is_plain(path);
        if !is_plain && path.len() > LONGEST_READ {
            return demands_each(self.protect.iter().map(|(_, policy)| *policy).collect());
        }
        if self.is_public(path, is_plain) {
            return Demands::Nothing;
        }
        if is_plain {
            let segments = segments(path).filter(|it| !it.is_empty());
            return match self.rule(segments) {
                Some(policy) => Demands::One(policy),
                None => Demands::Nothing,
            };
        }
        let mut demanded: Vec<&'static Policy> = Vec::new();
        each_reading(path, |segments| {
            if let Some(policy) = self.rule(segments.iter().copied())
                && !demanded.iter().any(|it| core::ptr::eq(*it, policy))
            {
                demanded.push(policy);
            }
        });
        demands_each(demanded)
    }

    /// Letters are of either case: behind some routers they are.
    fn rule<'p>(
        &self,
        segments: impl Iterator<Item = &'p [u8]> + Clone,
    ) -> Option<&'static Policy> {
        let is_one = |expected: &str, segment: &[u8]| {
            expected == "*" || expected.as_bytes().eq_ignore_ascii_case(segment)
        };
        let mut rules = self.protect.iter();
        let rule = rules.find(|(pattern, _)| pattern.matches(segments.clone(), is_one));
        rule.map(|(_, policy)| *policy)
    }

    /// Byte by byte, and only a path that everybody reads in one way, or takes for a public one.
    fn is_public(&self, path: &[u8], is_plain: bool) -> bool {
        if !self.opens(segments(path)) || !is_unambiguous(path) {
            return false;
        }
        let mut is_public = true;
        if !is_plain {
            each_reading(path, |segments| {
                is_public = is_public && self.opens(segments.iter().copied());
            });
        }
        is_public
    }

    fn opens<'p>(&self, path: impl Iterator<Item = &'p [u8]> + Clone) -> bool {
        let is_one = |expected: &str, segment: &[u8]| match expected {
            "*" => !segment.is_empty(),
            expected => expected.as_bytes() == segment,
        };
        let mut public = self.public.iter();
        public.any(|pattern| pattern.matches(path.clone(), is_one))
    }
}

/// Bytes of a path that can be read in several ways, and is. Who writes a longer one has to pass
/// every rule.
const LONGEST_READ: usize = 2048;

fn demands_each(policies: Vec<&'static Policy>) -> Demands {
    match policies[..] {
        [] => Demands::Nothing,
        [policy] => Demands::One(policy),
        _ => Demands::Each(policies),
    }
}

/// What is between the slashes; nothing for `/`.
fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let rest = path.strip_prefix(b"/").unwrap_or(path);
    rest.split(|b| *b == b'/').filter(|_| !rest.is_empty())
}

/// Is there but one way to read it, a slash at its end aside? Then nothing has to be decoded.
fn is_plain(path: &[u8]) -> bool {
    let mut before = b'/';
    for &b in path.iter().skip(1) {
        let is_plain = match b {
            b'%' | b'\\' | b';' | b':' => false,
            // No empty segment, none that ends in a dot.
            b'/' => before != b'/' && before != b'.',
            b => b.is_ascii_graphic(),
        };
        if !is_plain {
            return false;
        }
        before = b;
    }
    path.first() == Some(&b'/') && before != b'.'
}

/// As [`is_plain`], but what is encoded may be a letter: a name with a space, or one in Chinese.
fn is_unambiguous(path: &[u8]) -> bool {
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

/// The byte that two hexadecimal digits at the beginning stand for.
fn escaped(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// Ways to read a path, each there or not.
#[derive(Clone, Copy)]
struct Reading(u8);

impl Reading {
    const ALL: core::ops::Range<u8> = 0..16;

    /// `;a=b` after a segment's name is no part of it.
    fn cuts_parameters(self) -> bool {
        self.0 & 1 != 0
    }

    /// An empty segment is none.
    fn joins_slashes(self) -> bool {
        self.0 & 2 != 0
    }

    /// `.` is here and `..` is above.
    fn resolves_dots(self) -> bool {
        self.0 & 4 != 0
    }

    /// As Windows opens files: `\` is a slash, dots and spaces at the end of a name are none of it,
    /// nor is what follows a colon.
    fn is_windows(self) -> bool {
        self.0 & 8 != 0
    }

    fn segments(self, text: &[u8]) -> Vec<&[u8]> {
        let text = text.strip_prefix(b"/").unwrap_or(text);
        let slash = |b: &u8| *b == b'/' || (self.is_windows() && *b == b'\\');
        let mut segments: Vec<&[u8]> = Vec::new();
        for segment in text.split(slash) {
            let segment = self.name(segment);
            match segment {
                b"" if self.joins_slashes() => {}
                b"." if self.resolves_dots() => {}
                b".." if self.resolves_dots() => drop(segments.pop()),
                segment => segments.push(segment),
            }
        }
        // A slash at the end changes nothing.
        while segments.last().is_some_and(|last| last.is_empty()) {
            segments.pop();
        }
        segments
    }

    fn name(self, mut segment: &[u8]) -> &[u8] {
        let before = |segment: &[u8], end: u8| segment.iter().position(|b| *b == end);
        if self.cuts_parameters()
            && let Some(at) = before(segment, b';')
        {
            segment = &segment[..at];
        }
        if self.is_windows() {
            if let Some(at) = before(segment, b':') {
                segment = &segment[..at];
            }
            while let [name @ .., b' '] = segment {
                segment = name;
            }
            while let [name @ .., b'.' | b' '] = segment
                && !matches!(segment, b"." | b"..")
            {
                segment = name;
            }
        }
        segment
    }
}

/// What an encoded slash becomes where segments are split first and decoded then, as routers do:
/// a byte that separates nothing, and that no pattern has.
const NO_SEPARATOR: u8 = 1;

/// As it came, decoded once, and decoded until nothing is left to decode; each in all readings, and
/// decoded both before the segments are split and after.
fn each_reading(path: &[u8], mut read: impl FnMut(&[&[u8]])) {
    let decoded =
        [b'/', NO_SEPARATOR].map(|slash| [decoded(path, slash), wholly_decoded(path, slash)]);
    let mut texts = vec![path];
    for text in decoded.as_flattened() {
        if !texts.contains(&&text[..]) {
            texts.push(text);
        }
    }
    for text in texts {
        for reading in Reading::ALL {
            read(&Reading(reading).segments(text));
        }
    }
}

/// Each escape decoded; one of a slash becomes `slash`.
fn decoded(text: &[u8], slash: u8) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&b, after)) = rest.split_first() {
        let (b, after) = match escaped(after) {
            Some(b'/') if b == b'%' => (slash, &after[2..]),
            Some(escaped) if b == b'%' => (escaped, &after[2..]),
            _ => (b, after),
        };
        decoded.push(b);
        rest = after;
    }
    decoded
}

/// From the end to the beginning, so that what an escape stands for may be part of the next:
/// `%2525` is `%`, in one pass.
fn wholly_decoded(text: &[u8], slash: u8) -> Vec<u8> {
    let mut backwards: Vec<u8> = Vec::with_capacity(text.len());
    for &b in text.iter().rev() {
        let mut b = b;
        while b == b'%'
            && let [.., low, high] = backwards[..]
            && let Some(escaped) = escaped(&[high, low])
        {
            backwards.truncate(backwards.len() - 2);
            b = if escaped == b'/' { slash } else { escaped };
        }
        backwards.push(b);
    }
    backwards.reverse();
    backwards
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: Policy = Policy::Scope("admin");
    const STAFF: Policy = Policy::Role("staff");

    const SPEC: &Spec = &Spec {
        protect: &[
            Protect {
                path: "/admin/**",
                when: ADMIN,
            },
            Protect {
                path: "/users/*/edit",
                when: STAFF,
            },
            Protect {
                path: "/app",
                when: Policy::SignedIn,
            },
            Protect {
                path: "/assets/private/*",
                when: Policy::SignedIn,
            },
        ],
        public: &["/admin/health", "/admin/assets/**", "/users/me/*", "/"],
        ..Spec::DEFAULT
    };

    fn demands(path: &str) -> Vec<Policy> {
        let rules = PathRules::new(SPEC).unwrap();
        rules.demands(path).policies().copied().collect()
    }

    #[test]
    fn plain_paths_are_held_to_the_first_rule_that_matches() {
        for path in [
            "/admin",
            "/admin/",
            "/admin/x",
            "/admin/x/y.html",
            "/ADMIN/X",
        ] {
            assert_eq!(demands(path), [ADMIN], "{path}");
        }
        for path in ["/users/7/edit", "/users/7/edit/", "/Users/*/Edit"] {
            assert_eq!(demands(path), [STAFF], "{path}");
        }
        assert_eq!(demands("/app"), [Policy::SignedIn]);
        for path in [
            "/",
            "/administrator",
            "/admi",
            "/x/admin",
            "/users/7",
            "/users/edit",
            "/users/7/8/edit",
            "/users/7/edit/x",
            "/app/x",
            "/assets/x",
        ] {
            assert_eq!(demands(path), [], "{path}");
        }
    }

    #[test]
    fn no_way_of_writing_it_steps_around_a_rule() {
        for path in [
            "//admin",
            "/admin//",
            "///admin///x",
            "/./admin",
            "/x/../admin/y",
            "/../admin",
            "/../../admin/y",
            "/x/..//admin",
            "/x/y/../../admin",
            "/admin/./y",
            "/admin/x/../y",
            "/%61dmin",
            "/%61%64%6D%69%6e/x",
            "/%2561dmin",
            "/%252525252561dmin/x",
            "/%2%35%36%31dmin",
            "/x/%2e%2e/admin",
            "/x/%2E./admin",
            "/x/.%2e/admin",
            "/x/%252e%252e/admin",
            "/x/..%2fadmin",
            "/x%2f..%2fadmin",
            "/x/..%252fadmin",
            "/%2fadmin",
            "/%2Fadmin/y",
            "/admin%2f",
            "/admin%2Fy",
            "/admin%252fy",
            "/admin%5cy",
            "/admin\\y",
            "\\admin",
            "/\\admin",
            "/x\\..\\admin",
            "/x/..\\admin",
            "/x%5c..%5cadmin",
            "/x%255c..%255cadmin",
            "/aDmIn",
            "/%41DMIN",
            "/admin;a=b",
            "/admin;a=b/y",
            "/;/admin",
            "/x/..;/admin",
            "/x/..;a=b/admin/y",
            "/admin%3ba",
            "/admin./y",
            "/admin%20/y",
            "/admin...%20. /y",
            "/admin::$INDEX_ALLOCATION/y",
            "/x/..%20/admin",
            "admin",
            "admin/x",
            "/admin/health/",
            "/admin/health/.",
            "/admin//health",
            "/admin/./health",
            "/admin/x/../health",
            "/admin/%68ealth",
            "/admin/HEALTH",
            "/admin/health;a",
            "/admin/health%2f..%2fx",
            "/admin/assets/../x",
            "/admin/assets/%2e%2e/x",
            "/admin/assets/.%2e/x",
            "/admin/assets/..%2fx",
            "/admin/assets/%2e%2e%2fx",
            "/admin/assets/%252e%252e/x",
            "/admin/assets/..\\x",
            "/admin/assets/..%5cx",
            "/admin/assets/..;/x",
            "/admin/assets//x",
            "/admin/assets/./x",
            "/admin/assets/x%00",
            "/admin/assets/%zz",
            "/admin/assets/%2",
            "/admin/assets\\x",
            "/admin/Assets/x",
            "/admin/%61ssets/x",
        ] {
            assert_eq!(demands(path), [ADMIN], "{path}");
        }
    }

    #[test]
    fn public_wins_where_it_is_written_as_it_is() {
        for path in [
            "/admin/health",
            "/admin/assets",
            "/admin/assets/",
            "/admin/assets/a/b.css",
            "/admin/assets/a%20b.css",
            "/admin/assets/%E4%B8%AD.css",
            "/admin/assets/a:b",
            "/users/me/edit",
            "/",
        ] {
            assert_eq!(demands(path), [], "{path}");
        }
        assert_eq!(demands("/users/me/%2e%2e/7/edit"), [STAFF]);
    }

    #[test]
    fn an_encoded_slash_in_a_segment_steps_around_no_rule() {
        for path in [
            "/users/a%2fb/edit",
            "/users/a%2fb/%65dit",
            "/users/a%2Fb/%65dit/",
            "/users/a%2fb/%2565dit",
            "/users/a%252fb/%65dit",
            "/users/a%252fb/%2565dit",
            "/users/%2f/%65dit;a=b",
            "/users//%2f%2f/%65dit",
            "/x/..;/users/a%2fb/%65dit",
        ] {
            assert_eq!(demands(path), [STAFF], "{path}");
        }
        let rules = PathRules::new(&Spec {
            protect: &[Protect {
                path: "/*/admin/**",
                when: ADMIN,
            }],
            ..Spec::DEFAULT
        })
        .unwrap();
        for path in ["/x%2fy/%61dmin/users", "/x%252fy/%2561dmin", "/%2f/%41dmin"] {
            assert_eq!(rules.demands(path), Demands::One(&ADMIN), "{path}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_held_to_both_rules() {
        assert_eq!(demands("/admin/../app"), [ADMIN, Policy::SignedIn]);
        assert_eq!(demands("/users/..%2f/edit/../../../admin"), {
            let rules = demands("/users/..%2f/edit/../../../admin");
            assert!(rules.contains(&ADMIN), "{rules:?}");
            rules
        });
    }

    #[test]
    fn an_unusual_path_that_no_reading_protects_is_open() {
        for path in ["/files/a%2Fb", "/%E4%B8%AD", "/a//b", "*", "", "/a;b/c:d"] {
            assert_eq!(demands(path), [], "{path}");
        }
    }

    #[test]
    fn everything_is_protected_where_a_rule_says_so_and_where_rules_cannot_be_read() {
        let everywhere = &Spec {
            protect: &[Protect {
                path: "/**",
                when: Policy::SignedIn,
            }],
            ..Spec::DEFAULT
        };
        for rules in [PathRules::new(everywhere).unwrap(), PathRules::closed()] {
            for path in ["/", "", "*", "/x", "//", "/%2e%2e/x", "/..", "\\"] {
                let demands = rules.demands(path);
                assert_eq!(demands, Demands::One(&Policy::SignedIn), "{path}");
            }
        }
    }

    #[test]
    fn an_app_without_rules_asks_nothing() {
        let rules = PathRules::new(&Spec::DEFAULT).unwrap();
        assert!(rules.is_empty());
        assert!(rules.demands("/x").is_nothing());
    }

    #[test]
    fn mistakes_in_a_spec_are_all_found() {
        let protect = |path| Protect {
            path,
            when: Policy::SignedIn,
        };
        let spec: &Spec = Box::leak(Box::new(Spec {
            protect: Box::leak(Box::new([
                protect("/app/**"),
                protect("/APP/*"),
                protect("admin"),
                protect("/assets/private"),
            ])),
            public: &["/assets/*", "/a//b"],
            ..Spec::DEFAULT
        }));
        assert_eq!(
            PathRules::new(spec).unwrap_err(),
            [
                ("protect", "\"admin\" does not start with `/`".to_owned()),
                ("public", "\"/a//b\" has an empty segment".to_owned()),
                (
                    "protect",
                    "\"/APP/*\" is never asked: \"/app/**\" is before it".to_owned()
                ),
                (
                    "public",
                    "\"/assets/*\" opens all of \"/assets/private\"".to_owned()
                ),
            ]
        );
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

    fn problems(paths: &[&'static str]) -> Vec<(&'static str, String)> {
        let protect = paths.iter().map(|path| Protect {
            path,
            when: Policy::SignedIn,
        });
        let spec: &Spec = Box::leak(Box::new(Spec {
            protect: protect.collect::<Vec<_>>().leak(),
            ..Spec::DEFAULT
        }));
        PathRules::new(spec).err().unwrap_or_default()
    }

    #[test]
    fn rules_that_cross_are_refused_unless_one_before_them_decides() {
        let what = "\"/admin/**\" and \"/*/export\" both have \"/admin/export\", for which no rule is before them";
        let crossing = [("protect", what.to_owned())];
        assert_eq!(problems(&["/*/export", "/admin/**"]), crossing);
        assert_eq!(
            problems(&["/*/export", "/admin/export/x", "/admin/**"]),
            crossing
        );
        assert_eq!(problems(&["/admin/export", "/*/export", "/admin/**"]), []);
        assert_eq!(problems(&["/admin/export", "/admin/**", "/**"]), []);
    }

    #[test]
    fn a_path_is_public_only_where_each_reading_of_it_is() {
        for path in [
            "/admin/assets/..%20/users",
            "/admin/assets/.../users",
            "/admin/assets/..:/users",
            "/admin/assets/..:$DATA/users",
            "/admin/assets/x/.../...",
        ] {
            assert_eq!(demands(path), [ADMIN], "{path}");
        }
    }

    #[test]
    fn a_long_path_that_can_be_read_in_several_ways_has_to_pass_every_rule() {
        let rules = PathRules::new(SPEC).unwrap();
        let all: Vec<&Policy> = SPEC.protect.iter().map(|it| &it.when).collect();
        for path in ["/x/%20", "/admin/assets/%20", "/x//"] {
            let long = format!("{path}{}", "y".repeat(LONGEST_READ));
            assert_eq!(rules.demands(&long), Demands::Each(all.clone()), "{path}");
        }
        let long = format!("/admin/{}", "y".repeat(LONGEST_READ));
        assert_eq!(rules.demands(&long), Demands::One(&ADMIN));
        let long = format!("/admin/assets/{}", "y".repeat(LONGEST_READ));
        assert!(rules.demands(&long).is_nothing());
    }

    #[test]
    fn decoding_wholly_is_decoding_until_nothing_changes() {
        for text in [
            "%2525%32%35",
            "%25%32%66",
            "a%2",
            "%",
            "%%32%35",
            "%2%35%36%31",
            "%zz%41",
        ] {
            let mut expected = text.as_bytes().to_vec();
            loop {
                let next = decoded(&expected, b'/');
                if next == expected {
                    break;
                }
                expected = next;
            }
            assert_eq!(wholly_decoded(text.as_bytes(), b'/'), expected, "{text}");
        }
    }
}
