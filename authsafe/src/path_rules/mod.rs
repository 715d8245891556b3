//! `protect(...)` and `public(...)`: which paths are held to which policy.
//!
//! Routers, static file services and proxies read one path in different ways: some decode it, some
//! tidy it, some neither. A rule cannot know which is behind it. So a path is held to the rule of
//! each way to read it, and is public only where each of them is.

mod decode;
mod index;
mod readings;
#[cfg(test)]
mod search;

use authsafe_rules::mistake::Place;
use authsafe_rules::pattern::{self, Mistake, Pattern};
use authsafe_rules::rule;
use authsafe_rules::wrong::Wrong;

use index::{Index, Letters};
pub(crate) use readings::is_parameter;
use readings::{Found, Readings, is_unambiguous, segments};

use crate::policy::Policy;
use crate::spec::{Protect, SpecParts};

/// The rules for the paths of an app.
#[derive(Debug)]
pub(crate) struct PathRules {
    /// The rules in the order written: of one reading of a path, the first that matches decides.
    protect: Vec<(Pattern<'static>, &'static Policy)>,
    public: Vec<Pattern<'static>>,
    /// Of the two, for paths that everybody reads in one way.
    protect_index: Index,
    public_index: Index,
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

    /// Joins these and those: what a path has to pass that was rewritten.
    pub(crate) fn and(self, others: &Self) -> Self {
        let mut policies: Vec<_> = self.policies().collect();
        for policy in others.policies() {
            if !policies.iter().any(|it| core::ptr::eq(*it, policy)) {
                policies.push(policy);
            }
        }
        demands_each(policies)
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
    /// Reads the rules of a spec. Returns every mistake in them, with the key that it is in.
    pub(crate) fn new(spec: &SpecParts) -> Result<Self, Vec<(&'static str, Wrong)>> {
        let mut problems = Vec::new();
        let mut pattern = |key, text: &'static str| {
            let parsed = Pattern::parse(text);
            parsed
                .map_err(|why| problems.push((key, rule::PATTERN.wrong(text, &why))))
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
        let rules = Self::of(
            protect.iter().map(|(it, rule)| (*it, &rule.when)).collect(),
            public.iter().map(|(it, _)| *it).collect(),
        );
        let patterns: Vec<Pattern<'_>> = protect.iter().map(|(it, _)| *it).collect();
        let protect: Vec<&str> = protect.iter().map(|(_, rule)| rule.path).collect();
        let public: Vec<&str> = public.iter().map(|(_, text)| *text).collect();
        // A rule that cannot be read may have the paths of a pattern that opens nothing.
        let is_whole = patterns.len() == spec.protect.len();
        let counts = |it: &Mistake| is_whole || !matches!(it, Mistake::OpensNothing { .. });
        let mistakes = pattern::mistakes(&patterns, &rules.public).into_iter();
        problems.extend(mistakes.filter(counts).map(|mistake| {
            let (place, wrong) = mistake.wrong(&protect, &public);
            match place {
                Place::Protect(_) => ("protect", wrong),
                Place::Public(_) => ("public", wrong),
            }
        }));
        if problems.is_empty() {
            Ok(rules)
        } else {
            Err(problems)
        }
    }

    /// Returns the rules for a spec whose own cannot be read: each path is protected.
    pub(crate) fn closed() -> Self {
        Self::of(vec![(Pattern::EVERYWHERE, &Policy::SignedIn)], Vec::new())
    }

    fn of(
        protect: Vec<(Pattern<'static>, &'static Policy)>,
        public: Vec<Pattern<'static>>,
    ) -> Self {
        let patterns = protect.iter().map(|(pattern, _)| pattern);
        Self {
            // Letters are of either case: behind some routers they are.
            protect_index: Index::new(Letters::OfEitherCase, patterns),
            public_index: Index::new(Letters::Exact, &public),
            protect,
            public,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.protect.is_empty()
    }

    /// Returns what a request for this path has to pass. The path is as it came, without its query.
    pub(crate) fn demands(&self, path: &str) -> Demands {
        let path = path.as_bytes();
        if readings::is_plain(path) {
            if self.public_index.first(segments(path)).is_some() {
                return Demands::Nothing;
            }
            let segments = segments(path).filter(|it| !it.is_empty());
            return match self.protect_index.first(segments) {
                Some(rule) => Demands::One(self.protect[rule].1),
                None => Demands::Nothing,
            };
        }
        self.demands_of(path, Readings::of(path, 0))
    }

    /// Returns [`Self::demands`] for a path below a route: a parameter in that is any segment.
    pub(crate) fn demands_below(&self, above: &str, path: &str) -> Demands {
        let path = match path {
            "/" => above.to_owned(),
            path => [above, path].concat(),
        };
        if !above.split('/').any(is_parameter) {
            return self.demands(&path);
        }
        let readings = Readings::of(path.as_bytes(), above.matches('/').count());
        self.demands_of(path.as_bytes(), readings)
    }

    /// Returns what a path has to pass that can be read in several ways. `None`: every rule.
    fn demands_of(&self, path: &[u8], readings: Option<Readings>) -> Demands {
        let Some(readings) = readings else {
            return demands_each(self.protect.iter().map(|(_, policy)| *policy).collect());
        };
        if self.is_public(path, &readings) {
            return Demands::Nothing;
        }
        let mut demanded = Vec::new();
        for (pattern, policy) in &self.protect {
            let found = readings.find(pattern);
            if found != Found::Never {
                demanded.push(*policy);
            }
            // The rules after it are asked in no reading.
            if found == Found::Always {
                break;
            }
        }
        demands_each(demanded)
    }

    /// Returns whether a path is public, which it is only if nothing in it means something else to another
    /// reader.
    fn is_public(&self, path: &[u8], readings: &Readings) -> bool {
        let mut opening = self.opening(path);
        is_unambiguous(path) && opening.any(|it| readings.find(it) == Found::Always)
    }

    /// Returns the patterns of `public(...)` that a path is of as it is written, byte by byte.
    fn opening(&self, path: &[u8]) -> impl Iterator<Item = &Pattern<'static>> {
        let is_one = |expected: &str, segment: &[u8]| match expected {
            "*" => !segment.is_empty(),
            expected => expected.as_bytes() == segment,
        };
        let public = self.public.iter();
        public.filter(move |pattern| pattern.matches(segments(path), is_one))
    }
}

fn demands_each(policies: Vec<&'static Policy>) -> Demands {
    match policies[..] {
        [] => Demands::Nothing,
        [policy] => Demands::One(policy),
        _ => Demands::Each(policies),
    }
}

#[cfg(test)]
mod tests {
    use super::readings::LONGEST_READ;
    use super::*;

    const ADMIN: Policy = Policy::Scope("admin");
    const STAFF: Policy = Policy::Role("staff");

    const SPEC: &SpecParts = &SpecParts {
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
        public: &["/admin/health", "/admin/assets/**", "/users/me/*"],
        ..SpecParts::DEFAULT
    };

    fn demands(path: &str) -> Vec<Policy> {
        demands_of(SPEC, path)
    }

    fn demands_of(spec: &SpecParts, path: &str) -> Vec<Policy> {
        let rules = PathRules::new(spec).unwrap();
        rules.demands(path).policies().copied().collect()
    }

    fn every_rule() -> Vec<Policy> {
        SPEC.protect.iter().map(|it| it.when).collect()
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
            "/admin/./y",
            "/%61dmin",
            "/%61%64%6D%69%6e/x",
            "/%2561dmin",
            "/%252525252561dmin/x",
            "/%2%35%36%31dmin",
            "/%2fadmin",
            "/%2Fadmin/y",
            "/admin%2f",
            "/admin%2Fy",
            "/admin%252fy",
            "/admin%5cy",
            "/admin\\y",
            "\\admin",
            "/\\admin",
            "/aDmIn",
            "/%41DMIN",
            "/admin;a=b",
            "/admin;a=b/y",
            "/;/admin",
            "/admin%3ba",
            "/admin./y",
            "/admin%20/y",
            "/admin...%20. /y",
            "/admin::$INDEX_ALLOCATION/y",
            "admin",
            "admin/x",
            "/admin/health/",
            "/admin/health/.",
            "/admin//health",
            "/admin/./health",
            "/admin/%68ealth",
            "/admin/HEALTH",
            "/admin/health;a",
            "/admin/assets//x",
            "/admin/assets/./x",
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
    fn who_climbs_or_sends_what_nobody_reads_alike_has_to_pass_every_rule() {
        for path in [
            "/x/../admin/y",
            "/../admin",
            "/../../admin/y",
            "/x/..//admin",
            "/x/y/../../admin",
            "/admin/x/../y",
            "/x/%2e%2e/admin",
            "/x/%2E./admin",
            "/x/.%2e/admin",
            "/x/%252e%252e/admin",
            "/x/..%2fadmin",
            "/x%2f..%2fadmin",
            "/x/..%252fadmin",
            "/x\\..\\admin",
            "/x/..\\admin",
            "/x%5c..%5cadmin",
            "/x%255c..%255cadmin",
            "/x/..;/admin",
            "/x/..;a=b/admin/y",
            "/x/..%20/admin",
            "/admin/x/../health",
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
            "/admin/assets/x%00",
            "/users/me/%2e%2e/7/edit",
            "/x/..",
            "/x/... /y",
            "/x/..+/y",
            "/x/http:..",
            "/x/%2525252e%252e/y",
            "/x/%u002e./y",
            "/x/%c0%ae%c0%ae/y",
            "/x/．．/y",
            "/x/%E2%80%A5/y",
            "/x/.%E2%80%8B./y",
            "/x/y%09z",
            "/x/y%250az",
            "/x/.%0d./y",
            "/x/%7f",
            "/x/%u0000",
            "/x/%c0%80",
        ] {
            assert_eq!(demands(path), every_rule(), "{path}");
        }
    }

    /// What a handler below `/bff` may forward to a server that has `/admin`.
    const FORWARDED: &SpecParts = &SpecParts {
        protect: &[
            Protect {
                path: "/bff/admin/**",
                when: ADMIN,
            },
            Protect {
                path: "/bff/**",
                when: Policy::SignedIn,
            },
            Protect {
                path: "/teams/*/admin/**",
                when: STAFF,
            },
        ],
        public: &["/bff/*/avatar", "/bff/assets/**"],
        ..SpecParts::DEFAULT
    };

    #[test]
    fn what_url_parsers_tidy_steps_around_no_rule() {
        for path in [
            "/bff/adm%09in/users",
            "/bff/adm%0Ain/users",
            "/bff/adm%0Din/users",
            "/bff/%09admin/users",
            "/bff/admin%3F",
            "/bff/admin%3Fx",
            "/bff/admin%23x",
            "/bff/admin%01",
            "/bff/admin%00",
            "/bff/.%09./admin/users",
            "/bff/../admin/users",
            "/bff/..%5Cadmin",
            "/bff/admin%253Fx",
            "/bff/admin/users%3F/y",
            "/bff/%20admin/users",
            "/bff/admin%20",
            "/bff/admin+",
            "/bff/+admin/users",
            "/bff/admin/%23",
            "/bff//admin/users",
            "/bff/%2Fadmin",
            "/bff/http:admin/users",
            "/bff/HTTPS%3Aadmin/users",
            "/bff/http:/admin/users",
            "/bff/http://server/admin/users",
            "/bff//server/admin/users",
            "/bff/%5C%5Cserver%5Cadmin",
            "/bff/%2F/server:80/admin",
            "/bff/http:server/admin",
            "/bff/admin~1/users",
            "/bff/ADMIN~12.DIR/users",
            "/bff/AD%7E1/users",
            "/bff/adC0DE~5/users",
            "/bff/%20ad~1%20./users",
            "/bff/admin%23/avatar",
            "/bff/admin%3F/avatar",
        ] {
            assert!(demands_of(FORWARDED, path).contains(&ADMIN), "{path}");
        }
    }

    #[test]
    fn what_is_no_short_name_is_held_to_its_own_rule() {
        for path in [
            "/bff/annual~2024.pdf",
            "/bff/annual~1.pdf",
            "/bff/a~1b",
            "/bff/a%20~1b",
            "/bff/abc~9/x",
            "/bff/administration~1",
            "/bff/admin~1.text",
            "/bff/~1",
        ] {
            assert_eq!(demands_of(FORWARDED, path), [Policy::SignedIn], "{path}");
        }
    }

    #[test]
    fn a_parameter_of_a_route_is_any_segment() {
        let rules = PathRules::new(FORWARDED).unwrap();
        for (above, path, demanded) in [
            ("/bff", "/admin/x", &[ADMIN][..]),
            ("/bff", "/x", &[Policy::SignedIn]),
            ("/bff/{what}", "/x", &[ADMIN, Policy::SignedIn]),
            ("/{what}", "/admin/x", &[ADMIN, Policy::SignedIn]),
            ("/{what}/x", "/admin", &[Policy::SignedIn, STAFF]),
            ("/bff/{what}", "/avatar", &[]),
            ("/bff/{what}", "/", &[ADMIN, Policy::SignedIn]),
            ("/x/{what}", "/admin", &[]),
        ] {
            let found: Vec<Policy> = rules
                .demands_below(above, path)
                .policies()
                .copied()
                .collect();
            assert_eq!(found, demanded, "{above} {path}");
        }
    }

    #[test]
    fn letters_that_some_take_for_those_of_ascii_step_around_no_rule() {
        let spec = &SpecParts {
            protect: &[Protect {
                path: "/desk/**",
                when: ADMIN,
            }],
            public: &["/desk/*/open"],
            ..SpecParts::DEFAULT
        };
        for path in [
            "/de\u{17f}k/x",
            "/des\u{212a}/x",
            "/de%C5%BFk",
            "/DES%E2%84%AA",
            "/de%u017fk",
            "/ｄｅｓｋ/x",
            "/%EF%BD%84esk",
            "/ⓓ𝑒ˢk/x",
            "/d\u{200c}esk/x",
            "/désk/x",
            "/de%D6%B0sk/x",
            "/de\u{5b0}sk\u{64e}/x",
            "/de%ffsk/x",
            "/desk／x",
            "/desk/a%EF%BC%8Fb/open",
        ] {
            assert_eq!(demands_of(spec, path), [ADMIN], "{path}");
        }
        for path in ["/disk/\u{17f}", "/\u{3b4}esk", "/desk/%C5%BF/open"] {
            assert_eq!(demands_of(spec, path), [], "{path}");
        }
    }

    #[test]
    fn each_segment_is_read_in_ways_of_its_own() {
        // A router that splits at slashes, a team of any name, and a handler that reads the rest.
        for path in [
            "/teams/a%2Fb/admin%2Fusers",
            "/teams/a%3Fb/admin%3Fx",
            "/teams/a%3Fb/%61dmin",
            "/teams/a;b/admin;c",
            "/teams/%20/admin%20",
            "/teams/a%5Cb%2Fc/http:admin",
        ] {
            assert_eq!(demands_of(FORWARDED, path), [STAFF], "{path}");
        }
    }

    #[test]
    fn the_rules_after_one_that_every_reading_finds_are_not_asked() {
        for path in [
            "/bff/admin/a%20b",
            "/bff/admin/a%2Fb",
            "/bff/admin/%E4%B8%AD",
        ] {
            assert_eq!(demands_of(FORWARDED, path), [ADMIN], "{path}");
        }
        for path in ["/bff/admin%20/x", "/bff/%61dmin/x"] {
            assert_eq!(
                demands_of(FORWARDED, path),
                [ADMIN, Policy::SignedIn],
                "{path}"
            );
        }
        for path in ["/bff/a%20b", "/bff/a:b/c", "/bff/C%23"] {
            assert_eq!(demands_of(FORWARDED, path), [Policy::SignedIn], "{path}");
        }
        for path in [
            "/bff/a%20b/avatar",
            "/bff/assets/a%20b",
            "/bff/assets/C%23",
            "/bff/x/avatar",
        ] {
            assert_eq!(demands_of(FORWARDED, path), [], "{path}");
        }
        for path in ["/bff/%20/avatar", "/bff/a%3Fb/avatar", "/bff/assets/%2523"] {
            assert_ne!(demands_of(FORWARDED, path), [], "{path}");
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
        assert_eq!(demands("/users/me/%2e%2e/7/edit"), every_rule());
    }

    #[test]
    fn a_rewritten_path_has_to_pass_the_rules_of_both_and_each_once() {
        // Rules are told apart by where they lie.
        let (admin, staff): (&'static Policy, &'static Policy) = (&ADMIN, &STAFF);
        let both = || Demands::Each(vec![admin, staff]);
        assert_eq!(Demands::One(admin).and(&Demands::One(staff)), both());
        assert_eq!(both().and(&Demands::One(admin)), both());
        assert_eq!(Demands::Nothing.and(&both()), both());
        assert!(Demands::Nothing.and(&Demands::Nothing).is_nothing());
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
        ] {
            assert_eq!(demands(path), [STAFF], "{path}");
        }
        assert_eq!(demands("/x/..;/users/a%2fb/%65dit"), every_rule());
        let rules = PathRules::new(&SpecParts {
            protect: &[Protect {
                path: "/*/admin/**",
                when: ADMIN,
            }],
            ..SpecParts::DEFAULT
        })
        .unwrap();
        for path in ["/x%2fy/%61dmin/users", "/x%252fy/%2561dmin", "/%2f/%41dmin"] {
            assert_eq!(rules.demands(path), Demands::One(&ADMIN), "{path}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_held_to_both_rules() {
        assert_eq!(demands("/admin/../app"), every_rule());
        assert_eq!(demands("/users/..%2f/edit/../../../admin"), every_rule());
        assert_eq!(demands("/app/%61dmin;/.."), every_rule());
        for path in ["/app%3F/admin", "/app;a%5Cb", "/app:x%2Fy/"] {
            assert_eq!(demands(path), [Policy::SignedIn], "{path}");
        }
        assert_eq!(demands("/users/admin%2F%3F/edit"), [STAFF]);
        // What is encoded in a segment joins it to none before it.
        assert_eq!(demands("/users/x/y%20z/edit"), []);
        assert_eq!(demands("//app/admin"), [ADMIN]);
    }

    #[test]
    fn an_unusual_path_that_no_reading_protects_is_open() {
        for path in ["/files/a%2Fb", "/%E4%B8%AD", "/a//b", "*", "", "/a;b/c:d"] {
            assert_eq!(demands(path), [], "{path}");
        }
    }

    #[test]
    fn everything_is_protected_where_a_rule_says_so_and_where_rules_cannot_be_read() {
        let everywhere = &SpecParts {
            protect: &[Protect {
                path: "/**",
                when: Policy::SignedIn,
            }],
            ..SpecParts::DEFAULT
        };
        for rules in [PathRules::new(everywhere).unwrap(), PathRules::closed()] {
            for path in ["/", "", "*", "/x", "//", "/%2e%2e/x", "/..", "\\"] {
                let demands = rules.demands(path);
                assert_eq!(demands, Demands::One(&Policy::SignedIn), "{path}");
                assert!(!demands.is_nothing());
            }
        }
    }

    #[test]
    fn an_app_without_rules_asks_nothing() {
        let rules = PathRules::new(&SpecParts::DEFAULT).unwrap();
        assert!(rules.is_empty());
        assert!(rules.demands("/x").is_nothing());
    }

    #[test]
    fn mistakes_in_a_spec_are_all_found() {
        let protect = |path| Protect {
            path,
            when: Policy::SignedIn,
        };
        let spec: &SpecParts = Box::leak(Box::new(SpecParts {
            protect: Box::leak(Box::new([
                protect("/app/**"),
                protect("/APP/*"),
                protect("admin"),
                protect("/assets/private"),
            ])),
            public: &["/assets/*", "/a//b", "/admin/open"],
            ..SpecParts::DEFAULT
        }));
        assert_eq!(
            told(PathRules::new(spec)),
            [
                (
                    "protect",
                    "cannot be \"admin\": it does not start with `/`; write \"/admin\"".to_owned()
                ),
                (
                    "public",
                    "cannot be \"/a//b\": it contains `//`; write \"/a/b\"".to_owned()
                ),
                (
                    "protect",
                    "cannot be \"/APP/*\": this rule is never asked: each of its paths is one of \"/app/**\", and the first that matches decides; put it first, or remove it"
                        .to_owned()
                ),
                (
                    "public",
                    "cannot be \"/assets/*\": `public` wins, so nothing is left of the rule for \"/assets/private\"; remove one of the two"
                        .to_owned()
                ),
            ]
        );
    }

    fn told(rules: Result<PathRules, Vec<(&'static str, Wrong)>>) -> Vec<(&'static str, String)> {
        let wrong = rules.err().unwrap_or_default();
        let wrong = wrong.into_iter().map(|(key, it)| (key, it.to_string()));
        wrong.collect()
    }

    fn problems(paths: &[&'static str]) -> Vec<(&'static str, String)> {
        problems_with(paths, &[])
    }

    fn problems_with(
        paths: &[&'static str],
        public: &[&'static str],
    ) -> Vec<(&'static str, String)> {
        let protect = paths.iter().map(|path| Protect {
            path,
            when: Policy::SignedIn,
        });
        let spec: &SpecParts = Box::leak(Box::new(SpecParts {
            protect: protect.collect::<Vec<_>>().leak(),
            public: public.to_vec().leak(),
            ..SpecParts::DEFAULT
        }));
        told(PathRules::new(spec))
    }

    #[test]
    fn rules_that_cross_are_refused_unless_one_before_them_decides() {
        let what = "cannot be \"/admin/**\": this and \"/*/export\" both have \"/admin/export\", and neither lies within the other; write a rule for \"/admin/export\" before them, or patterns that have no path in common";
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
    fn rules_are_refused_for_what_several_do_together() {
        for (paths, public, expected) in [
            (
                &["/own", "/own/*/**", "/own/**"][..],
                &[][..],
                &[(
                    "protect",
                    "cannot be \"/own/**\": this rule is never asked: each of its paths is one of \"/own\" or \"/own/*/**\", and the first that matches decides; put it first, or remove it",
                )][..],
            ),
            (
                &["/own", "/own/**"],
                &["/own/x", "/own/*/**", "/own/*", "/own/*/x"],
                &[
                    (
                        "public",
                        "cannot be \"/own/*/**\": `public` wins, so beside \"/own\" nothing is left of the rule for \"/own/**\"; remove one of them",
                    ),
                    (
                        "public",
                        "cannot be \"/own/*\": each of these paths is one of \"/own/*/**\", which is public already; remove it",
                    ),
                    (
                        "public",
                        "cannot be \"/own/*/x\": each of these paths is one of \"/own/*/**\", which is public already; remove it",
                    ),
                ],
            ),
            (
                &["/own/**"],
                &["/open", "/onw/x"],
                &[
                    (
                        "public",
                        "cannot be \"/open\": no rule of `protect` has one of these paths, so they are open already; remove it, or write a rule that has them",
                    ),
                    (
                        "public",
                        "cannot be \"/onw/x\": no rule of `protect` has one of these paths, so they are open already; did you mean \"/own/x\"?",
                    ),
                ],
            ),
            (&["/own/x", "/own/**"], &["/own", "/*/x/y"], &[]),
        ] {
            let found = problems_with(paths, public);
            let found: Vec<(&str, &str)> = found.iter().map(|(key, it)| (*key, &**it)).collect();
            assert_eq!(found, expected, "{paths:?} {public:?}");
        }
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
            assert_eq!(demands(path), every_rule(), "{path}");
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
}
