//! Who may import whom: the rules that keep the rooms apart, read off the sources.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms that it may import; in an order in which nothing points back.
const ROOMS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("log", &["clock"]),
    ("routes", &[]),
    ("types", &[]),
    ("response", &["types"]),
    ("error", &["response"]),
    ("endpoint", &["error"]),
    ("unauthenticated", &["error", "response", "types"]),
    ("session", &["clock", "types"]),
    ("policy", &["clock", "routes", "session"]),
    ("hooks", &["error", "response", "session"]),
    ("store", &["clock", "log"]),
    (
        "spec",
        &["hooks", "policy", "routes", "store", "unauthenticated"],
    ),
    ("unseen", &["policy"]),
    ("path_rules", &["policy", "spec"]),
    ("protocol", &["clock", "error", "types"]),
    (
        "state",
        &["clock", "error", "log", "session", "spec", "store", "types"],
    ),
    ("provider", &["clock", "error", "log", "protocol", "types"]),
    (
        "config",
        &["path_rules", "protocol", "session", "spec", "types"],
    ),
    (
        "lifecycle",
        &[
            "clock", "error", "log", "session", "spec", "state", "store", "types",
        ],
    ),
    (
        "flow",
        &[
            "clock",
            "config",
            "endpoint",
            "error",
            "hooks",
            "lifecycle",
            "log",
            "protocol",
            "provider",
            "response",
            "session",
            "spec",
            "state",
            "store",
            "types",
        ],
    ),
    (
        "auth",
        &[
            "clock",
            "config",
            "endpoint",
            "error",
            "flow",
            "hooks",
            "lifecycle",
            "log",
            "path_rules",
            "response",
            "routes",
            "session",
            "spec",
            "state",
            "store",
            "unauthenticated",
        ],
    ),
    (
        "openapi",
        &["auth", "endpoint", "error", "policy", "session", "spec"],
    ),
    (
        "exchange",
        &[
            "auth",
            "clock",
            "error",
            "flow",
            "lifecycle",
            "response",
            "routes",
            "session",
        ],
    ),
    (
        "challenge",
        &["auth", "error", "policy", "response", "types"],
    ),
    (
        "guard",
        &[
            "auth",
            "challenge",
            "clock",
            "error",
            "exchange",
            "flow",
            "log",
            "path_rules",
            "policy",
            "response",
            "routes",
            "session",
            "unauthenticated",
        ],
    ),
    (
        "authorized",
        &[
            "error", "guard", "hooks", "log", "policy", "response", "routes", "session",
        ],
    ),
    (
        "testing",
        &["auth", "clock", "flow", "session", "spec", "types"],
    ),
    ("start", &["auth", "clock", "config", "error", "spec"]),
    (
        "web",
        &[
            "auth",
            "authorized",
            "endpoint",
            "exchange",
            "guard",
            "path_rules",
            "policy",
            "response",
            "routes",
            "session",
            "unauthenticated",
        ],
    ),
];

/// What is outside the rules: the roof, what generated code sees, and the command line.
const OUTSIDE: [&str; 3] = ["lib", "__private", "bin"];

/// A source file without its tests.
struct Source {
    path: PathBuf,
    room: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../authsafe/src");
    let mut sources = Vec::new();
    read(&root, &root, &mut sources);
    let tests: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
    sources.retain(|source| !tests.iter().any(|it| source.path.ends_with(it)));
    assert!(
        sources.len() > 40,
        "where is the runtime? {}",
        root.display()
    );
    sources
}

fn read(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, sources);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let within = path.strip_prefix(root).unwrap().to_owned();
            let first = within.components().next().unwrap().as_os_str();
            let room = first.to_str().unwrap().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code: Vec<_> = code.lines().map(without_comment).collect();
            sources.push(Source {
                path: within,
                room,
                code: code.join("\n"),
            });
        }
    }
}

fn without_comment(line: &str) -> &str {
    match line.find("//") {
        // Not the slashes of a URL.
        Some(at) if !line[..at].ends_with(':') => &line[..at],
        _ => line,
    }
}

impl Source {
    /// The files of modules that are there for tests alone.
    fn test_modules(&self) -> Vec<String> {
        let parts = self.code.split("#[cfg(test)]").skip(1);
        let names = parts.filter_map(|part| part.trim_start().split(';').next());
        names
            .filter_map(|item| {
                item.rsplit_once("mod ")
                    .map(|(_, name)| format!("{name}.rs"))
            })
            .collect()
    }

    /// The names that directly follow `prefix`, also those in braces after it.
    fn after(&self, prefix: &str) -> Vec<String> {
        let mut names = Vec::new();
        for (at, _) in self.code.match_indices(prefix) {
            let before = self.code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let rest = &self.code[at + prefix.len()..];
            match rest.strip_prefix('{') {
                Some(group) => names.extend(group_heads(group)),
                None => names.push(head(rest)),
            }
        }
        names
    }

    fn rooms_imported(&self) -> Vec<String> {
        let mut rooms: Vec<String> = self
            .after("crate::")
            .into_iter()
            .map(|name| room_of(&name).to_owned())
            .collect();
        // `super` of a file that lies at the top is the crate.
        if self.path.components().count() == 1 {
            assert!(!self.code.contains("super::"), "{}", self.path.display());
        }
        rooms.retain(|room| *room != self.room);
        rooms
    }

    fn names_crate(&self, name: &str) -> bool {
        let path = format!("{name}::");
        !self.after(&path).is_empty()
    }
}

/// The first name of each path in a group, up to its brace.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut start) = (0, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && c.is_alphabetic() => {
                heads.push(head(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    heads
}

fn head(path: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    path.chars().take_while(|&c| is_name(c)).collect()
}

/// What the roof re-exports is of the room that it is from.
fn room_of(name: &str) -> &str {
    match name {
        "StartError" | "Problem" => "config",
        name if name.ends_with("Error") => "error",
        "Response" => "response",
        other => other,
    }
}

#[test]
fn every_room_is_known() {
    for source in sources() {
        let known = ROOMS.iter().any(|(room, _)| *room == source.room)
            || OUTSIDE.contains(&source.room.as_str());
        assert!(known, "say what {} may import", source.path.display());
    }
}

#[test]
fn no_rule_points_back() {
    for (at, (room, allowed)) in ROOMS.iter().enumerate() {
        for other in *allowed {
            let before = ROOMS[..at].iter().any(|(it, _)| it == other);
            assert!(before, "{room} imports {other}, which comes after it");
        }
    }
}

#[test]
fn each_room_imports_only_what_lies_below_it() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == source.room) else {
            continue;
        };
        for room in source.rooms_imported() {
            if !allowed.contains(&room.as_str()) {
                wrong.push(format!("{} imports `{room}`", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_rules_and_the_local_provider_need_nothing_of_the_runtime() {
    for name in ["rules", "dev"] {
        let manifest = format!(
            "{}/../authsafe/{name}/Cargo.toml",
            env!("CARGO_MANIFEST_DIR")
        );
        let manifest = fs::read_to_string(manifest).unwrap();
        let mut lines = manifest.lines();
        assert!(!lines.any(|it| it.starts_with("authsafe")), "{manifest}");
    }
}

/// Nobody but these rooms and the command line names the crate.
fn only(rooms: &[&str], name: &str) {
    let sources = sources();
    let mut named = false;
    for source in sources.iter().filter(|it| it.names_crate(name)) {
        let room = source.room.as_str();
        assert!(
            rooms.contains(&room) || room == "bin",
            "{} names `{name}`",
            source.path.display()
        );
        named |= rooms.contains(&room);
    }
    assert!(
        named || rooms.is_empty(),
        "`{name}` is named nowhere: is the rule still needed?"
    );
}

#[test]
fn only_the_adapters_import_a_framework() {
    only(&["web"], "axum");
    only(&["web"], "tower_service");
    only(&["web"], "tower_layer");
    only(&[], "hyper");
    only(&["web"], "actix_web");
}

#[test]
fn only_the_provider_calls_over_http() {
    only(&["provider"], "reqwest");
}

#[test]
fn only_the_document_names_utoipa() {
    only(&["openapi"], "utoipa");
}

#[test]
fn only_those_who_wait_know_the_runtime() {
    only(
        &["flow", "lifecycle", "provider", "state", "store"],
        "tokio",
    );
}

#[test]
fn only_the_clock_reads_time_and_only_the_start_reads_the_environment() {
    for source in &sources() {
        let path = source.path.display();
        for word in ["SystemTime::now", "Instant::now", "UNIX_EPOCH"] {
            assert!(
                source.room == "clock" || !source.code.contains(word),
                "{path}: {word}"
            );
        }
        assert!(
            source.room == "start" || !source.code.contains("env::var"),
            "{path}: env"
        );
    }
}

/// What a stranger can cause, a stranger can cause without end.
#[test]
fn what_is_said_of_requests_is_said_so_many_times_a_minute() {
    // What is said at the start, once, or with a bound of its own.
    const SAID_ONCE: [(&str, usize); 4] = [
        ("auth.rs", 3),
        ("flow/clients.rs", 2),
        ("lifecycle/sessions.rs", 1),
        ("start.rs", 1),
    ];
    for source in sources() {
        let path = source.path.display().to_string();
        if OUTSIDE.contains(&source.room.as_str()) || source.room == "log" {
            continue;
        }
        let lines = ["error", "warn", "info"]
            .iter()
            .map(|level| source.code.matches(&format!("tracing::{level}!")).count());
        let allowed = SAID_ONCE.iter().find(|(file, _)| *file == path);
        assert!(
            lines.sum::<usize>() <= allowed.map_or(0, |(_, lines)| *lines),
            "{path}: write `log::error!`, `log::warn!` or `log::info!` of `crate::log`"
        );
    }
}

#[test]
fn only_the_clock_makes_random_bytes() {
    for source in &sources() {
        let random = source.code.contains("rand::") || source.names_crate("getrandom");
        assert!(
            source.room == "clock" || !random,
            "{}",
            source.path.display()
        );
    }
}

#[test]
fn the_protocol_knows_no_clock_but_its_unit() {
    for source in sources().iter().filter(|it| it.room == "protocol") {
        for name in source.after("crate::clock::") {
            assert_eq!(name, "UnixSeconds", "{}", source.path.display());
        }
        for word in ["async_trait", "tokio::", "Clock", "random"] {
            assert!(
                !source.code.contains(word),
                "{}: {word}",
                source.path.display()
            );
        }
    }
}

#[test]
fn only_the_provider_reads_files() {
    for source in sources() {
        let reads = source.code.contains("fs::") || source.names_crate("File");
        assert!(
            source.room == "provider" || !reads,
            "{} reads a file",
            source.path.display()
        );
    }
}

/// Each item says what it is or does, in a noun or a verb.
#[test]
fn no_documentation_begins_with_a_question() {
    for krate in [
        "authsafe",
        "authsafe/dev",
        "authsafe/rules",
        "authsafe-macros",
    ] {
        each_rust_file(
            &Path::new("..").join(krate).join("src"),
            &mut |path, text| {
                let mut is_first = true;
                for line in text.lines().map(str::trim) {
                    let doc = line.strip_prefix("/// ").filter(|_| is_first);
                    is_first = !line.starts_with("///");
                    let sentence =
                        doc.and_then(|it| it.split_inclusive(['.', '?', ';', ':']).next());
                    let asks = sentence.is_some_and(|it| it.ends_with('?') && !it.contains('`'));
                    assert!(!asks, "{}: {line}", path.display());
                }
            },
        );
    }
}

fn each_rust_file(folder: &Path, see: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_rust_file(&path, see);
        } else if path.extension().is_some_and(|it| it == "rs") {
            see(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
