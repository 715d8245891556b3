//! A search at random for a path that gets somebody past a rule: whatever a reader makes of what is
//! left below a mount, the rule of what it arrives at has been asked for.

use icu_normalizer::ComposingNormalizer;
use url::Url;

use super::readings::segments;
use super::{Demands, PathRules};
use crate::policy::Policy;
use crate::spec::{Protect, SpecParts};

const PATHS: usize = 1_000_000;

const RULES: &[Protect] = &[
    Protect {
        path: "/bff/admin/edit",
        when: Policy::Scope("edit"),
    },
    Protect {
        path: "/bff/admin/**",
        when: Policy::Scope("admin"),
    },
    Protect {
        path: "/bff/*/edit",
        when: Policy::Scope("edit"),
    },
    Protect {
        path: "/bff/**",
        when: Policy::SignedIn,
    },
    Protect {
        path: "/files/admin/**",
        when: Policy::Scope("files"),
    },
    Protect {
        path: "/teams/*/admin/**",
        when: Policy::Role("lead"),
    },
    Protect {
        path: "/admin",
        when: Policy::Role("staff"),
    },
];

/// Whatever else it is, it is below `/bff`.
const BELOW_BFF: &Policy = &RULES[3].when;

const SPEC: &SpecParts = &SpecParts {
    protect: RULES,
    public: &["/bff/*/avatar", "/bff/open/**", "/teams/*/admin/logo"],
    ..SpecParts::DEFAULT
};

/// Where a handler reads the rest of a path; `{}` is a segment of any kind.
const MOUNTS: [&str; 4] = ["/bff/", "/files/", "/teams/{}/", "/"];

const PARTS: &[&str] = &[
    "admin",
    "admin",
    "admin",
    "adm",
    "in",
    "edit",
    "avatar",
    "open",
    "logo",
    "bff",
    "files",
    "teams",
    "x",
    "ADMIN",
    "/",
    "/",
    "/",
    "/",
    "/",
    "//",
    "..",
    ".",
    "...",
    "%2e",
    "%2E",
    "%2f",
    "%2F",
    "%5c",
    "\\",
    "%252f",
    "%255c",
    "%252e",
    "%2561dmin",
    "%61dmin",
    "%61",
    "%25",
    "%2",
    ";",
    "%3b",
    ";a=b",
    ":",
    "::$DATA",
    "http:",
    "//server/",
    "https%3A",
    "%3F",
    "%23",
    "%253F",
    "%20",
    "%20",
    "+",
    "%2B",
    "%09",
    "%0a",
    "%0D",
    "%01",
    "%00",
    "%u0061dmin",
    "%u002f",
    "%u002e",
    "%c0%af",
    "%c0%ae",
    "%c1%a1dmin",
    "%ff",
    "ſ",
    "\u{131}",
    "%C4%B1",
    "ａ",
    "%EF%BD%81",
    "ⓓ",
    "\u{200c}",
    "%E2%80%8D",
    "\u{301}",
    "／",
    "．",
    "~1",
    "中",
];

/// What is left of a path below a mount.
struct Rest<'r> {
    raw: &'r str,
    decoded: String,
    twice: String,
}

struct Reader {
    what: &'static str,
    read: fn(&Rest<'_>) -> Option<String>,
}

const READERS: [Reader; 21] = [
    reader("as it is", |rest| Some(rest.raw.to_owned())),
    reader("decoded", |rest| Some(rest.decoded.clone())),
    reader("decoded twice", |rest| Some(rest.twice.clone())),
    reader("decoded wholly", |rest| Some(wholly(&rest.twice))),
    reader("dots and parameters", |rest| Some(tidied(&cut(rest.raw)))),
    reader("decoded, parameters", |rest| {
        Some(tidied(&cut(&rest.decoded)))
    }),
    reader("parameters, decoded", |rest| {
        Some(tidied(&decoded(&cut(rest.raw))))
    }),
    reader("Windows", |rest| Some(windows(rest.raw))),
    reader("Windows, decoded", |rest| Some(windows(&rest.decoded))),
    reader("Windows, short names", |rest| {
        let has_short_names = rest.decoded.contains('~');
        has_short_names.then(|| long_names(&windows(&rest.decoded)))
    }),
    reader("URL parser", |rest| parsed(rest.raw)),
    reader("URL parser, decoded", |rest| parsed(&rest.decoded)),
    reader("URL parser, twice", |rest| {
        let first = parsed(&rest.decoded)?;
        Some(tidied(&cut(&decoded(&first))))
    }),
    reader("URL joined", |rest| joined(rest.raw)),
    reader("URL joined, decoded", |rest| joined(&rest.decoded)),
    reader("URL parser of a form", |rest| {
        let is_form = rest.raw.contains('+');
        is_form.then(|| parsed(&decoded(&rest.raw.replace('+', " "))))?
    }),
    reader("actix-files", |rest| actix_files(&rest.decoded)),
    reader("tower-http", |rest| tower_http(&rest.decoded)),
    reader("letters of either case", |rest| {
        let other = || rest.decoded.to_uppercase().to_lowercase();
        (!rest.decoded.is_ascii()).then(other)
    }),
    reader("compatible letters", |rest| {
        if rest.decoded.is_ascii() {
            return None;
        }
        let seen = |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{301}');
        let text: String = rest.decoded.chars().filter(seen).collect();
        let text = ComposingNormalizer::new_nfkc()
            .normalize(&text)
            .into_owned();
        Some(tidied(&decoded(&text)))
    }),
    reader("lenient server", |rest| Some(tidied(&lenient(rest.raw)))),
];

const fn reader(what: &'static str, read: fn(&Rest<'_>) -> Option<String>) -> Reader {
    Reader { what, read }
}

fn decoded_bytes(text: &str) -> Vec<u8> {
    let (text, mut decoded, mut at) = (text.as_bytes(), Vec::new(), 0);
    while at < text.len() {
        let digits = text.get(at + 1..at + 3);
        let digits = digits.filter(|it| it.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|it| u8::from_str_radix(str::from_utf8(it).ok()?, 16).ok());
        match byte {
            Some(byte) if text[at] == b'%' => {
                decoded.push(byte);
                at += 3;
            }
            _ => {
                decoded.push(text[at]);
                at += 1;
            }
        }
    }
    decoded
}

fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let decoded = decoded_bytes(text);
    String::from_utf8_lossy(&decoded).into_owned()
}

fn wholly(text: &str) -> String {
    let next = decoded(text);
    if next == text { next } else { wholly(&next) }
}

fn cut(text: &str) -> String {
    let names = text.split('/').map(|name| name.split(';').next().unwrap());
    names.collect::<Vec<_>>().join("/")
}

/// Dots go no further up than where the reader began.
fn tidied(text: &str) -> String {
    let mut names = Vec::new();
    for name in text.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    names.join("/")
}

fn windows(text: &str) -> String {
    let mut names = Vec::new();
    for name in text.split(['/', '\\']) {
        match name.split(':').next().unwrap().trim_end_matches(' ') {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name.trim_end_matches(['.', ' '])),
        }
    }
    names.join("/")
}

fn long_names(text: &str) -> String {
    let names = text.split('/').map(|name| match name.split_once('~') {
        Some(("a" | "A" | "ad" | "adm" | "admin", "1")) => "admin",
        _ => name,
    });
    names.collect::<Vec<_>>().join("/")
}

/// As <https://url.spec.whatwg.org/#path-state> has it, behind the origin of a server.
fn parsed(rest: &str) -> Option<String> {
    let is_tidied = |c: char| matches!(c, '\t' | '\n' | '\r');
    let text = rest.replace(is_tidied, "");
    let text = text.trim_end_matches(|c: char| c <= ' ');
    let text = text.split(['?', '#']).next()?;
    let mut names = Vec::new();
    for name in text.split(['/', '\\']) {
        let is_dots = |dots: &str| name.to_ascii_lowercase().replace("%2e", ".") == dots;
        let may_be_dots = name.starts_with(['.', '%']);
        match name {
            _ if may_be_dots && is_dots(".") => {}
            _ if may_be_dots && is_dots("..") => drop(names.pop()),
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

/// Read against the URL of a server. What is no URL of its own is what [`parsed`] has read.
fn joined(rest: &str) -> Option<String> {
    if !rest.contains(':') && !rest.starts_with(['/', '\\', ' ']) {
        return None;
    }
    let url = Url::parse("http://server/").ok()?.join(rest).ok()?;
    (url.host_str() == Some("server")).then(|| url.path()[1..].to_owned())
}

fn actix_files(decoded: &str) -> Option<String> {
    (!decoded.contains(['\0', '\u{fffd}'])).then(|| tidied(decoded))
}

fn tower_http(decoded: &str) -> Option<String> {
    let is_file = !decoded.split('/').any(|name| name == "..") && !decoded.contains('\u{fffd}');
    is_file.then(|| decoded.trim_start_matches('/').replace("/./", "/"))
}

/// Knows `%u0041`, takes a character in more bytes than it needs, and ends at a NUL.
fn lenient(rest: &str) -> String {
    let mut text = String::new();
    let mut parts = rest.split("%u");
    text += parts.next().unwrap();
    for part in parts {
        let digits = part
            .get(..4)
            .and_then(|it| u32::from_str_radix(it, 16).ok());
        match digits.and_then(char::from_u32) {
            Some(c) => {
                text.push(c);
                text += &part[4..];
            }
            None => text += part,
        }
    }
    let mut bytes = decoded_bytes(&text);
    for at in (1..bytes.len()).rev() {
        if let [high @ (0xc0 | 0xc1), low @ 0x80..=0xbf] = bytes[at - 1..=at] {
            bytes.splice(at - 1..=at, [(high & 1) << 6 | (low & 0x3f)]);
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    text.split('\0').next().unwrap().replace('\u{fffd}', "")
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's linear congruential generator, MMIX.
        self.0 = self.0.wrapping_mul(6364136223846793005);
        self.0 = self.0.wrapping_add(1442695040888963407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn parts(&mut self, most: usize) -> String {
        let count = 1 + self.roll(most);
        (0..count).map(|_| PARTS[self.roll(PARTS.len())]).collect()
    }
}

/// What a search has seen.
#[derive(Default)]
struct Seen {
    /// How often each reader came to a rule by a path that nobody would write.
    arrived: [usize; READERS.len()],
    every_rule: usize,
    nothing: usize,
}

fn search(rules: &PathRules, seed: u64, paths: usize) -> Seen {
    let (mut dice, mut seen) = (Dice(seed), Seen::default());
    for _ in 0..paths {
        let mount = MOUNTS[dice.roll(MOUNTS.len())];
        let team = dice.parts(2).replace('/', "");
        let (below, rest) = (mount.replace("{}", "team"), dice.parts(5));
        let path = mount.replace("{}", &team) + &rest;
        if team.is_empty() && mount.contains("{}") {
            continue;
        }
        let demands = rules.demands(&path);
        match &demands {
            Demands::Each(policies) if policies.len() == RULES.len() => {
                seen.every_rule += 1;
                // Whatever a reader arrives at, its rule is among them.
                continue;
            }
            Demands::Nothing => seen.nothing += 1,
            _ => {}
        }
        let once = decoded(&rest);
        let rest = Rest {
            twice: decoded(&once),
            decoded: once,
            raw: &rest,
        };
        let is_asked = |rule: &Policy| demands.policies().any(|it| core::ptr::eq(it, rule));
        if !may_be_protected(&rest) && (mount != "/bff/" || is_asked(BELOW_BFF)) {
            continue;
        }
        for (at, Reader { what, read }) in READERS.iter().enumerate() {
            let Some(name) = read(&rest) else { continue };
            let arrived = below.clone() + &name;
            let Some(rule) = rule_at(rules, &arrived) else {
                continue;
            };
            assert!(
                is_asked(rule),
                "{path:?} is {arrived:?} to {what}: {rule:?} is not in {demands:?}"
            );
            seen.arrived[at] += usize::from(!path.eq_ignore_ascii_case(&arrived));
        }
    }
    seen
}

/// Returns whether a name with a rule of its own is in it, whatever is between its letters. Most have none,
/// and need not be read.
fn may_be_protected(rest: &Rest<'_>) -> bool {
    let has = |name: &str| {
        let mut text = rest.twice.bytes();
        let is_read_as = |it: u8, letter: u8| it.eq_ignore_ascii_case(&letter) || !it.is_ascii();
        name.bytes()
            .all(|letter| text.any(|it| is_read_as(it, letter)))
    };
    rest.raw.contains(['~', 'u']) || has("admin") || has("edit")
}

/// The rule of what a reader has arrived at: nobody reads it once more.
fn rule_at(rules: &PathRules, arrived: &str) -> Option<&'static Policy> {
    let arrived = arrived.as_bytes();
    if rules.opening(arrived).next().is_some() {
        return None;
    }
    let is_one = |expected: &str, segment: &[u8]| {
        expected == "*" || expected.as_bytes().eq_ignore_ascii_case(segment)
    };
    let segments = segments(arrived).filter(|it| !it.is_empty());
    let mut rules = rules.protect.iter();
    let rule = rules.find(|(pattern, _)| pattern.matches(segments.clone(), is_one));
    rule.map(|(_, policy)| *policy)
}

#[test]
fn the_url_parser_of_the_search_is_that_of_the_standard() {
    let mut dice = Dice(5);
    for _ in 0..5_000 {
        let rest = dice.parts(7);
        // Whatever begins with a slash is the path's own.
        let url = Url::parse(&format!("http://server/x/{rest}")).unwrap();
        let ours = decoded(&parsed(&format!("x/{rest}")).unwrap());
        // A slash at the end is nothing to a rule.
        let theirs = decoded(&url.path()[1..]);
        assert_eq!(
            theirs.trim_end_matches('/'),
            ours.trim_end_matches('/'),
            "{rest:?}"
        );
    }
}

#[test]
fn no_path_in_a_million_leads_a_reader_past_a_rule() {
    let rules = PathRules::new(SPEC).unwrap();
    let seen = std::thread::scope(|scope| {
        let searches = [1, 2, 3, 4].map(|seed| {
            let rules = &rules;
            scope.spawn(move || search(rules, seed, PATHS / 4))
        });
        searches.map(|search| search.join().unwrap())
    });
    let sum = |count: fn(&Seen) -> usize| seen.iter().map(count).sum::<usize>();
    for (at, Reader { what, .. }) in READERS.iter().enumerate() {
        let arrived: usize = seen.iter().map(|seen| seen.arrived[at]).sum();
        assert!(what == &"as it is" || arrived > 1000, "{what}: {arrived}");
    }
    // Neither is every path kept for those who may do all.
    assert!(sum(|it| it.every_rule) < PATHS * 2 / 3);
    assert!(sum(|it| it.nothing) > PATHS / 10);
}
